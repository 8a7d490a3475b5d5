using System.Buffers.Binary;
using System.IO.Compression;
using Kaleidofs.Drivers.Archive.Zip;
using ZipArchive = Kaleidofs.Drivers.Archive.Zip.ZipArchive;

namespace Kaleidofs.Drivers.Archive.Writing;

/// <summary>
/// Writes a zip anew with changes: its bytes up to the central directory as they are, then the new entries, then a central
/// directory with the records of those that stay. What is removed loses only its record.
/// </summary>
internal sealed class ZipCommitter(ArchiveFile file, NewArchive made, ChangeSet changes, DriverLog log)
{
    private readonly List<byte[]> _records = [];
    private long _base;

    /// <exception cref="SourceException">The archive, or a change, is of a kind that cannot be written.</exception>
    public async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        EndOfCentralDirectory directory = ZipArchive.FindDirectory(file);
        byte[] tail = ReadTail(directory);
        CheckEncryption(directory);
        _base = directory.Base;
        await file.RunAsync(() =>
        {
            changes.Writer.CopyRange(file.Handle, 0, directory.Start, made.Handle, 0);
            return true;
        }).ConfigureAwait(false);
        made.Stream.Position = directory.Start;
        int attributes = 0;
        foreach (ChangedEntry entry in changes.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await AddAsync(entry, cancellationToken).ConfigureAwait(false);
            attributes += entry.ExtendedAttributes.Count > 0 ? 1 : 0;
        }
        if (attributes > 0)
        {
            log.Warning($"{file.Path}: the extended attributes of {attributes} entries are left out: a zip has none");
        }
        WriteDirectory(directory, tail);
    }

    private async ValueTask AddAsync(ChangedEntry entry, CancellationToken cancellationToken)
    {
        uint type = entry.Attributes.Mode & FileType.Mask;
        if (type is FileType.BlockDevice or FileType.CharacterDevice)
        {
            throw ArchiveCommit.Fail(entry, "a device, and a zip has none");
        }
        long start = made.Stream.Position;
        long size = type == FileType.Regular ? (long)entry.Attributes.Size : entry.LinkTarget.Length;
        ZipRecord record = new(entry, start - _base, size);
        if (type == FileType.Regular && size > 0)
        {
            await AddContentAsync(entry, record, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            record.CompressedSize = size;
            record.Crc = Deflate.Crc32.Append(0, entry.LinkTarget.Span);
            made.Stream.Write(record.GetLocalHeader());
            made.Stream.Write(entry.LinkTarget.Span);
        }
        _records.Add(record.GetCentralRecord());
    }

    /// <summary>Deflates a file's content; what does not get shorter by it is stored.</summary>
    private async ValueTask AddContentAsync(ChangedEntry entry, ZipRecord record, CancellationToken cancellationToken)
    {
        FileStream output = made.Stream;
        long start = output.Position;
        output.Write(record.GetLocalHeader());
        long content = output.Position;
        using (DeflateStream deflate = new(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            record.Crc = await CopyAsync(entry, deflate, cancellationToken).ConfigureAwait(false);
        }
        record.Method = ZipFormat.Deflated;
        if (output.Position - content >= record.Size)
        {
            output.Position = content;
            record.Method = ZipFormat.Stored;
            record.Crc = await CopyAsync(entry, output, cancellationToken).ConfigureAwait(false);
        }
        long end = output.Position;
        record.CompressedSize = end - content;
        output.Position = start;
        output.Write(record.GetLocalHeader());
        output.Position = end;
    }

    private async ValueTask<uint> CopyAsync(ChangedEntry entry, Stream destination, CancellationToken cancellationToken)
    {
        ChecksumStream summed = new(destination);
        await using (summed.ConfigureAwait(false))
        {
            Errno errno = await changes.CopyAsync(entry, summed, cancellationToken).ConfigureAwait(false);
            return errno == Errno.None && summed.Count == (long)entry.Attributes.Size ? summed.Crc
                : throw ArchiveCommit.Fail(entry, $"cannot be read ({(errno == Errno.None ? Errno.EIO : errno)})");
        }
    }

    private void WriteDirectory(EndOfCentralDirectory directory, byte[] tail)
    {
        RemovedPaths removed = new(changes);
        FileStream output = made.Stream;
        long start = output.Position;
        long count = _records.Count;
        using (CentralDirectoryReader reader = new(file, directory))
        {
            ZipEntryReader entries = new();
            while (reader.TryRead(out CentralDirectoryRecord record))
            {
                if (!removed.IsRemovedOrReplaced(entries.GetPath(record)))
                {
                    output.Write(record.Bytes);
                    count++;
                }
            }
        }
        foreach (byte[] record in _records)
        {
            output.Write(record);
        }
        WriteEnd(start - _base, output.Position - start, count, tail);
    }

    private void WriteEnd(long start, long length, long count, byte[] tail)
    {
        FileStream output = made.Stream;
        if (count >= ushort.MaxValue || start >= ZipFormat.InZip64 || length >= ZipFormat.InZip64)
        {
            byte[] wide = new byte[ZipFormat.Zip64EndLength + ZipFormat.Zip64LocatorLength];
            BinaryPrimitives.WriteUInt32LittleEndian(wide, ZipFormat.Zip64EndSignature);
            BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(4), ZipFormat.Zip64EndLength - 12);
            BinaryPrimitives.WriteUInt16LittleEndian(wide.AsSpan(12), (ZipFormat.HostUnix << 8) | 45);
            BinaryPrimitives.WriteUInt16LittleEndian(wide.AsSpan(14), 45);
            BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(24), count);
            BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(32), count);
            BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(40), length);
            BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(48), start);
            Span<byte> locator = wide.AsSpan(ZipFormat.Zip64EndLength);
            BinaryPrimitives.WriteUInt32LittleEndian(locator, ZipFormat.Zip64LocatorSignature);
            BinaryPrimitives.WriteInt64LittleEndian(locator[8..], output.Position - _base);
            BinaryPrimitives.WriteUInt32LittleEndian(locator[16..], 1);
            output.Write(wide);
        }
        // The record of before with its comment and what follows, but for the numbers.
        BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(4), 0);
        BinaryPrimitives.WriteUInt16LittleEndian(tail.AsSpan(8), (ushort)Math.Min(count, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(tail.AsSpan(10), (ushort)Math.Min(count, ushort.MaxValue));
        BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(12), (uint)Math.Min(length, ZipFormat.InZip64));
        BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(16), (uint)Math.Min(start, ZipFormat.InZip64));
        output.Write(tail);
    }

    /// <summary>The end record and everything behind it.</summary>
    private byte[] ReadTail(EndOfCentralDirectory directory)
    {
        long position = directory.Start + directory.Length;
        byte[] head = new byte[Math.Min(ZipFormat.Zip64EndLength, file.Length - position)];
        if (file.TryRead(position, head) && BinaryPrimitives.ReadUInt32LittleEndian(head) == ZipFormat.Zip64EndSignature && head.Length == ZipFormat.Zip64EndLength)
        {
            long rest = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(4));
            position += 12 + Math.Clamp(rest, 0, ushort.MaxValue) + ZipFormat.Zip64LocatorLength;
        }
        long length = file.Length - position;
        byte[] tail = new byte[length is >= ZipFormat.EndLength and < (1 << 20) ? length : 0];
        return tail.Length > 0 && file.TryRead(position, tail) && BinaryPrimitives.ReadUInt32LittleEndian(tail) == ZipFormat.EndSignature ? tail
            : throw new SourceException($"{file.Path}: something stands between its central directory and its end, and would be lost: not changed");
    }

    private void CheckEncryption(EndOfCentralDirectory directory)
    {
        using CentralDirectoryReader reader = new(file, directory);
        while (reader.TryRead(out CentralDirectoryRecord record))
        {
            if ((record.Flags & (ZipFormat.Encrypted | ZipFormat.StronglyEncrypted | ZipFormat.MaskedHeaders)) != 0)
            {
                throw new SourceException($"{file.Path}: has encrypted entries, and new ones would not be: not changed");
            }
        }
    }
}
