using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>
/// Finds an entry's content by its two headers, which must agree: a reader that goes by one would else see another file than one that
/// goes by the other.
/// </summary>
internal sealed class ZipMemberReader(ByteSource file, EndOfCentralDirectory directory, ZipIndex index, Tree tree, DamageLog damage, int count)
{
    /// <summary>A fixed number of members are remembered; the others are read again from the archive's headers.</summary>
    private const int MaxCacheLength = 4096;

    private const int MaxExtra = ushort.MaxValue;

    // Reference reads and writes are atomic, and members immutable: no lock.
    private readonly ZipMember?[] _cache = new ZipMember?[Math.Min(MaxCacheLength, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 1)))];

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
        byte[] local = ArrayPool<byte>.Shared.Rent(ZipFormat.LocalHeaderLength + ushort.MaxValue);
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
        if ((record.Flags & (ZipFormat.Encrypted | ZipFormat.StronglyEncrypted | ZipFormat.MaskedHeaders)) != 0)
        {
            return Refuse(node, "encrypted, which is not supported", Errno.EOPNOTSUPP);
        }
        Codec? codec = ZipMethods.Find(record.Method);
        if (record.Method != ZipFormat.Stored && codec is null)
        {
            return Refuse(node, $"compressed by method {record.Method}, which is not supported", Errno.EOPNOTSUPP);
        }
        if (!record.TryGetSizes(out long size, out long compressedSize, out _))
        {
            return Refuse(node, "its zip64 sizes are missing or overflow");
        }
        long header = index.GetHeader(node);
        long limit = index.GetLimit(node);
        int length = ZipFormat.LocalHeaderLength + record.Name.Length;
        Span<byte> local = localBuffer.AsSpan(0, length);
        if (header < 0 || header > limit - length)
        {
            return Refuse(node, "its place overlaps another entry, or lies outside the file");
        }
        if (!TryRead(header, local, waits))
        {
            return !waits ? null : Refuse(node, "its local header cannot be read");
        }
        LocalHeader localHeader = new(local);
        if (!localHeader.Agrees(record, size, compressedSize))
        {
            return Refuse(node, "its local header differs from the central directory");
        }
        if (localHeader.RefersToZip64 && !AgreesInZip64(header, localHeader, size, compressedSize, waits))
        {
            return !waits ? null : Refuse(node, "the sizes in its local header differ from the central directory");
        }
        long start = header + localHeader.Length;
        if (compressedSize > limit - start)
        {
            return Refuse(node, "its data overlaps another entry, or lies outside the file");
        }
        if (size != tree.GetSize(node))
        {
            return Refuse(node, "its record is no longer what it was when the archive was opened");
        }
        if (record.Method == ZipFormat.Stored && size != compressedSize)
        {
            return Refuse(node, "it is stored, but its two sizes differ");
        }
        return new ZipMember(node, start, compressedSize, size, record.Crc, codec, Errno.None);
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

    private bool AgreesInZip64(long header, in LocalHeader local, long size, long compressedSize, bool waits)
    {
        Span<byte> extra = local.ExtraLength <= 512 ? stackalloc byte[512] : new byte[MaxExtra];
        extra = extra[..local.ExtraLength];
        return TryRead(header + local.Length - local.ExtraLength, extra, waits)
            && local.AgreesInZip64(extra, size, compressedSize);
    }

    private bool TryRead(long position, Span<byte> destination, bool waits)
        => waits ? file.TryRead(position, destination) : file.TryReadNow(position, destination);

    private ZipMember Refuse(int node, string reason, Errno errno = Errno.EIO)
    {
        damage.Report(node, tree.GetName(node), reason);
        return ZipMember.Refused(node, errno);
    }
}
