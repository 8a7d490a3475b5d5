using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Zip.Encryption;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>
/// Finds an entry's content by its two headers, which must agree: a reader that goes by one would else see another file than one that
/// goes by the other.
/// </summary>
internal sealed class ZipMemberReader(
    ByteSource file, EndOfCentralDirectory directory, ZipIndex index, Tree tree, EntryDecryption decryption, DamageLog damage, int first, int count)
{
    /// <summary>A fixed number of members are remembered; the others are read again from the archive's headers.</summary>
    private const int MaxCacheLength = 4096;

    /// <summary>Read with a local header and its name: longer extra fields are rare.</summary>
    private const int UsualExtra = 96;

    // Reference reads and writes are atomic, and members immutable: no lock.
    private readonly ZipMember?[] _cache = new ZipMember?[Math.Min(MaxCacheLength, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 1)))];

    /// <summary>The first entry of the tree that is the zip's.</summary>
    public int First => first;

    /// <summary>How many of the tree's entries are the zip's.</summary>
    public int Count => count;

    /// <summary>The content of a tree's node that is a file or a symbolic link. At once, if its headers are in memory.</summary>
    public ValueTask<ZipMember> GetAsync(int node)
    {
        ZipMember? member = Volatile.Read(ref _cache[node & (_cache.Length - 1)]);
        if (member is null || member.Entry != node)
        {
            member = Read(node, waits: false);
        }
        return member is not null ? new(member) : new(ReadLaterAsync(node));
    }

    /// <summary>The content of a node, on a thread that may wait.</summary>
    public ZipMember Get(int node) => Read(node, waits: true)!;

    // A method of its own: what the work captures is allocated only here.
    private Task<ZipMember> ReadLaterAsync(int node) => file.RunAsync(() => Read(node, waits: true)!);

    /// <summary>Null only if it would have to wait, and may not.</summary>
    private ZipMember? Read(int node, bool waits)
    {
        byte[] record = ArrayPool<byte>.Shared.Rent(ZipFormat.CentralHeaderLength + (3 * ushort.MaxValue));
        byte[] local = ArrayPool<byte>.Shared.Rent(ZipFormat.LocalHeaderLength + (2 * ushort.MaxValue));
        try
        {
            ZipMember? member = Read(node, record, local, waits);
            if (member is not null)
            {
                Volatile.Write(ref _cache[node & (_cache.Length - 1)], member);
            }
            return member;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
            ArrayPool<byte>.Shared.Return(local);
        }
    }

    private ZipMember? Read(int node, byte[] recordBuffer, byte[] localBuffer, bool waits)
    {
        if (!TryReadRecord(node, recordBuffer, waits, out CentralDirectoryRecord record))
        {
            return !waits ? null : Refuse(node, "its central directory record cannot be read");
        }
        if ((record.Flags & (ZipFormat.StronglyEncrypted | ZipFormat.MaskedHeaders)) != 0)
        {
            return Refuse(node, "encrypted by PKWARE's strong encryption, which is not supported", Errno.EOPNOTSUPP);
        }
        bool hasSizes = record.TryGetSizes(out long size, out long compressedSize, out _);
        bool isEncrypted = (record.Flags & ZipFormat.Encrypted) != 0;
        if (isEncrypted && !waits)
        {
            // Deriving keys takes a millisecond.
            return null;
        }
        AesField? aes = null;
        if (record.Method == ZipFormat.Aes)
        {
            if (!isEncrypted || !AesField.TryRead(record.Extra, out AesField field))
            {
                return Refuse(node, "encrypted by AES, but the field that says how is missing or unknown");
            }
            aes = field;
        }
        ushort method = aes?.Method ?? record.Method;
        Codec? codec = ZipMethods.Find(method, size);
        if (method != ZipFormat.Stored && codec is null)
        {
            return Refuse(node, $"compressed by method {method}, which is not supported", Errno.EOPNOTSUPP);
        }
        if (!hasSizes)
        {
            return Refuse(node, "its zip64 sizes are missing, told twice, or overflow");
        }
        string? reason = ReadLocal(node, record, size, compressedSize, localBuffer, waits, out long start);
        if (reason is not null)
        {
            return !waits && reason.Length == 0 ? null : Refuse(node, reason.Length == 0 ? "its local header cannot be read" : reason);
        }
        if (size != tree.GetSize(node))
        {
            return Refuse(node, "its record is no longer what it was when the archive was opened");
        }
        ByteRange data = new(file, start, start + compressedSize);
        if (isEncrypted)
        {
            DecryptingSource? plain = decryption.Open(file, start, compressedSize, record, aes, out Errno errno);
            if (plain is null)
            {
                return errno == Errno.EACCES ? ZipMember.Refused(node, errno) : Refuse(node, "its encrypted data is cut off or cannot be read");
            }
            data = ByteRange.Of(plain);
        }
        if (codec is null && size != data.End - data.Start)
        {
            return Refuse(node, "it is stored, but its two sizes differ");
        }
        return new ZipMember(node, data, size, aes is { HasCrc: false } ? null : record.Crc, codec, Errno.None);
    }

    /// <summary>Compares the local header with the record, and finds the data; returns what is wrong, empty if it cannot be read (now).</summary>
    private string? ReadLocal(int node, in CentralDirectoryRecord record, long size, long compressedSize, byte[] buffer, bool waits, out long start)
    {
        start = 0;
        long header = index.GetHeader(node);
        long limit = index.GetLimit(node);
        int length = ZipFormat.LocalHeaderLength + record.Name.Length;
        if (header < 0 || header > limit - length)
        {
            return "its place overlaps another entry, or lies outside the file";
        }
        int fetched = (int)Math.Min(length + UsualExtra, limit - header);
        if (!TryRead(header, buffer.AsSpan(0, fetched), waits))
        {
            return "";
        }
        LocalHeader local = new(buffer);
        if (!local.Agrees(record, size, compressedSize))
        {
            return "its local header differs from the central directory";
        }
        start = header + local.Length;
        if (compressedSize > limit - start)
        {
            return "its data overlaps another entry, or lies outside the file";
        }
        if (local.Length > fetched && !TryRead(header + fetched, buffer.AsSpan(fetched, local.Length - fetched), waits))
        {
            return "";
        }
        if (!local.AgreesInExtra(record, size, compressedSize))
        {
            return "name, sizes or encryption in its local header's extra fields differ from the central directory";
        }
        return local.HasDescriptor ? ReadDescriptor(start + compressedSize, limit, record, size, compressedSize, waits) : null;
    }

    /// <summary>Compares what follows the data. Some write none though they say so; then the next header does.</summary>
    private string? ReadDescriptor(long position, long limit, in CentralDirectoryRecord record, long size, long compressedSize, bool waits)
    {
        Span<byte> bytes = stackalloc byte[(int)Math.Min(DataDescriptor.MaxLength, limit - position)];
        return bytes.IsEmpty ? null
            : !TryRead(position, bytes, waits) ? ""
            : DataDescriptor.Agrees(bytes, record.Crc, size, compressedSize) ? null
            : "the descriptor behind its data differs from the central directory";
    }

    private bool TryReadRecord(int node, byte[] buffer, bool waits, out CentralDirectoryRecord record)
    {
        record = default;
        long offset = index.GetRecord(node);
        Span<byte> head = buffer.AsSpan(0, ZipFormat.CentralHeaderLength);
        if (directory.Length - offset < head.Length || !TryRead(directory.Start + offset, head, waits)
            || BinaryPrimitives.ReadUInt32LittleEndian(head) != ZipFormat.CentralHeaderSignature)
        {
            return false;
        }
        int length = CentralDirectoryRecord.GetLength(head);
        Span<byte> all = buffer.AsSpan(0, length);
        if (directory.Length - offset < length || !TryRead(directory.Start + offset + head.Length, all[head.Length..], waits))
        {
            return false;
        }
        record = new CentralDirectoryRecord(all, offset);
        return true;
    }

    private bool TryRead(long position, Span<byte> destination, bool waits)
        => waits ? file.TryRead(position, destination) : file.TryReadNow(position, destination);

    private ZipMember Refuse(int node, string reason, Errno errno = Errno.EIO)
    {
        damage.Report(node, tree.GetName(node), reason);
        return ZipMember.Refused(node, errno);
    }
}
