using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>
/// The changes of names and attributes, appended one after the other, each whole or not at all: length, CRC-32C, records.
/// The first is the identity of the filesystem beneath.
/// </summary>
internal sealed class OverlayJournal : IDisposable
{
    private const int HeaderLength = 2 * sizeof(uint);
    private const int MaxLength = 64 << 20;

    private static ReadOnlySpan<byte> Magic => "kaleidofs overlay 1\n"u8;

    private readonly SafeFileHandle _file;
    private long _length;
    private long _flushed;

    private OverlayJournal(SafeFileHandle file) => _file = file;

    /// <summary>How long it is.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>What stood behind the last whole change, and was cut off; 0 as a rule.</summary>
    public long CutOff { get; private set; }

    /// <summary>Makes a new one. Whoever makes it puts it in its place when it is complete.</summary>
    public static OverlayJournal Create(string path, string identity)
    {
        OverlayJournal journal = new(File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
        journal.Append([.. Magic, .. Encoding.UTF8.GetBytes(identity)]);
        return journal;
    }

    /// <summary>Opens one and gives all of its changes to <paramref name="apply"/>. A last change that is not whole was never confirmed, and is cut off.</summary>
    /// <param name="path">The file.</param>
    /// <param name="identity">The identity that it was made for.</param>
    /// <param name="apply">Takes the records of each change.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static OverlayJournal Open(string path, out string identity, Action<ReadOnlySpan<byte>> apply)
    {
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20))
        {
            identity = ReadIdentity(stream);
            byte[] frame = new byte[64 << 10];
            long end = stream.Position;
            int length;
            while ((length = ReadFrame(stream, ref frame)) >= 0)
            {
                apply(frame.AsSpan(0, length));
                end = stream.Position;
            }
            OverlayJournal journal = new(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
            {
                _length = end,
                CutOff = stream.Length - end,
            };
            RandomAccess.SetLength(journal._file, end);
            return journal;
        }
    }

    /// <summary>The identity that a journal was made for.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static string ReadIdentity(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return ReadIdentity(stream);
    }

    /// <summary>Appends a change. One at a time.</summary>
    /// <exception cref="IOException">It is not appended.</exception>
    public void Append(ReadOnlySpan<byte> records)
    {
        byte[] header = new byte[HeaderLength + records.Length];
        BinaryPrimitives.WriteInt32LittleEndian(header, records.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(sizeof(uint)), Checksum(records));
        records.CopyTo(header.AsSpan(HeaderLength));
        // By position: what a write that failed left behind is written over.
        RandomAccess.Write(_file, header, _length);
        Volatile.Write(ref _length, _length + header.Length);
    }

    /// <summary>Returns when all that is appended is on the disk.</summary>
    /// <exception cref="IOException">It may not be.</exception>
    public void Flush()
    {
        long length = Length;
        if (length > Volatile.Read(ref _flushed))
        {
            RandomAccess.FlushToDisk(_file);
            Volatile.Write(ref _flushed, length);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string ReadIdentity(FileStream stream)
    {
        byte[] frame = new byte[1 << 10];
        int length = ReadFrame(stream, ref frame);
        return length >= Magic.Length && frame.AsSpan(0, length).StartsWith(Magic)
            ? Encoding.UTF8.GetString(frame, Magic.Length, length - Magic.Length)
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
