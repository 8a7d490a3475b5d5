using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Journaling;

/// <summary>
/// Changes of a filesystem, appended one after the other, each whole or not at all: length, CRC-32C, records.
/// The first says what kind of journal it is, and the identity of what it belongs to.
/// </summary>
public sealed class Journal : IDisposable
{
    private const int HeaderLength = 2 * sizeof(uint);
    private const int MaxLength = 64 << 20;

    private long _length;
    private long _flushed;

    private Journal(SafeFileHandle file) => File = file;

    /// <summary>The open file. Records are bytes of it, so that what is long can be read where it is.</summary>
    public SafeFileHandle File { get; }

    /// <summary>How long it is.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>What stood behind the last whole change, and was cut off; 0 as a rule.</summary>
    public long CutOff { get; private set; }

    /// <summary>Makes a new one. Whoever makes it puts it in its place when it is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="magic">The kind of journal: what its first record begins with.</param>
    /// <param name="identity">What it belongs to.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static Journal Create(string path, ReadOnlySpan<byte> magic, string identity)
    {
        Journal journal = new(System.IO.File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
        journal.Append([.. magic, .. Encoding.UTF8.GetBytes(identity)]);
        return journal;
    }

    /// <summary>Opens one and gives all of its changes to <paramref name="apply"/>. A last change that is not whole was never confirmed, and is cut off.</summary>
    /// <param name="path">The file.</param>
    /// <param name="magic">The kind of journal that it must be.</param>
    /// <param name="identity">The identity that it was made for.</param>
    /// <param name="apply">Takes the records of each change, and where in the file they begin.</param>
    /// <param name="isReadOnly">The file stays as it is, and another process may be writing it: nothing is cut off, and nothing can be appended.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static Journal Open(string path, ReadOnlySpan<byte> magic, out string identity, Action<ReadOnlySpan<byte>, long> apply, bool isReadOnly = false)
    {
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20))
        {
            identity = ReadIdentity(stream, magic);
            byte[] frame = new byte[64 << 10];
            long end = stream.Position;
            int length;
            while ((length = ReadFrame(stream, ref frame)) >= 0)
            {
                end = stream.Position;
                apply(frame.AsSpan(0, length), end - length);
            }
            FileAccess access = isReadOnly ? FileAccess.Read : FileAccess.ReadWrite;
            Journal journal = new(System.IO.File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete))
            {
                _length = end,
                CutOff = stream.Length - end,
            };
            if (!isReadOnly)
            {
                RandomAccess.SetLength(journal.File, end);
            }
            return journal;
        }
    }

    /// <summary>The identity that a journal was made for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="magic">The kind of journal that it must be.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static string ReadIdentity(string path, ReadOnlySpan<byte> magic)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return ReadIdentity(stream, magic);
    }

    /// <summary>Appends a change. One at a time.</summary>
    /// <returns>Where in the file the records begin.</returns>
    /// <exception cref="IOException">It is not appended.</exception>
    public long Append(ReadOnlySpan<byte> records)
    {
        byte[] header = new byte[HeaderLength + records.Length];
        BinaryPrimitives.WriteInt32LittleEndian(header, records.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(sizeof(uint)), Checksum(records));
        records.CopyTo(header.AsSpan(HeaderLength));
        // By position: what a write that failed left behind is written over.
        RandomAccess.Write(File, header, _length);
        Volatile.Write(ref _length, _length + header.Length);
        return _length - records.Length;
    }

    /// <summary>Returns when all that is appended is on the disk.</summary>
    /// <exception cref="IOException">It may not be.</exception>
    public void Flush()
    {
        long length = Length;
        if (length > Volatile.Read(ref _flushed))
        {
            RandomAccess.FlushToDisk(File);
            Volatile.Write(ref _flushed, length);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();

    private static string ReadIdentity(FileStream stream, ReadOnlySpan<byte> magic)
    {
        byte[] frame = new byte[1 << 10];
        int length = ReadFrame(stream, ref frame);
        return length >= magic.Length && frame.AsSpan(0, length).StartsWith(magic)
            ? Encoding.UTF8.GetString(frame, magic.Length, length - magic.Length)
            : throw new InvalidDataException("it does not begin as one");
    }

    /// <summary>The length of the next change; -1 if there is none that is whole.</summary>
    private static int ReadFrame(FileStream stream, ref byte[] frame)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        if (stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength)
        {
            return -1;
        }
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is <= 0 or > MaxLength || length > stream.Length - stream.Position)
        {
            return -1;
        }
        if (length > frame.Length)
        {
            frame = new byte[Math.Max(length, frame.Length * 2)];
        }
        stream.ReadExactly(frame, 0, length);
        return Checksum(frame.AsSpan(0, length)) == BinaryPrimitives.ReadUInt32LittleEndian(header[sizeof(uint)..]) ? length : -1;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }
        return ~crc;
    }
}
