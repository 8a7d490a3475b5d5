using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kaleidofs.Trees;
using Microsoft.Win32.SafeHandles;
using Checksum = Kaleidofs.Caching.Checksum;

namespace Kaleidofs.Paths;

/// <summary>
/// The file of <see cref="PathNumbers"/>: magic and key, then records, appended: checksum (4 bytes), kind, length of the name, number, parent, name.
/// A record that is not whole ends it. Locked by the process that has it.
/// </summary>
internal sealed class PathNumberFile : IDisposable
{
    /// <summary>Longer, some 1.5 million records, it begins anew.</summary>
    private const long MaxLength = 64 << 20;

    private const int RecordHeader = sizeof(uint) + 2 + (2 * sizeof(ulong));
    private const int MaxRecord = RecordHeader + FileSystem.MaxNameLength;

    private static readonly int Start = Magic.Length + (NameHash.KeyLength * sizeof(ulong));

    private readonly SafeFileHandle _file;
    private readonly FileReader _files;
    private readonly DriverLog _log;
    private readonly Lazy<Task<Dictionary<ulong, long>>> _earlier;
    private byte[] _pending = new byte[4 << 10];
    private int _pendingLength;
    private long _length;
    private long _limit = MaxLength;
    private bool _isBroken;

    private PathNumberFile(SafeFileHandle file, FileReader files, DriverLog log, ulong[] key)
    {
        (_file, _files, _log, Key) = (file, files, log, key);
        _earlier = new(() => _files.RunAsync(ReadEarlier));
    }

    private static ReadOnlySpan<byte> Magic => "kaleidofs inodes 1\n"u8;

    /// <summary>The key of the hash.</summary>
    public ulong[] Key { get; }

    /// <summary>The paths that have another number than their hash.</summary>
    public Dictionary<PathNumber, ulong> Given { get; } = new(PathNumbers.Comparer.Instance);

    /// <summary>Whether it had records when it was opened.</summary>
    public bool HasEarlier { get; private set; }

    /// <summary>Opens or makes it; null, and a line in the log, if it cannot be had.</summary>
    public static PathNumberFile? Open(string path, FileReader files, DriverLog log)
    {
        SafeFileHandle? file = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            PathNumberFile? opened = TryRead(file, files, log) ?? Make(file, files, log);
            return opened;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            log.Information($"inode numbers are not kept beyond this process ({exception.Message})");
            return null;
        }
    }

    /// <summary>Adds a record; it is in the file after <see cref="Flush"/>.</summary>
    public void Add(PathNumberKind kind, ulong number, ulong parent, ReadOnlySpan<byte> name)
    {
        if (_isBroken)
        {
            return;
        }
        int length = RecordHeader + name.Length;
        if (_pending.Length - _pendingLength < length)
        {
            Array.Resize(ref _pending, (_pending.Length * 2) + length);
        }
        Span<byte> record = _pending.AsSpan(_pendingLength, length);
        record[4] = (byte)kind;
        record[5] = (byte)name.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(record[6..], number);
        BinaryPrimitives.WriteUInt64LittleEndian(record[14..], parent);
        name.CopyTo(record[RecordHeader..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record, GetChecksum(record));
        _pendingLength += length;
    }

    /// <summary>Writes what was added, to the kernel's memory.</summary>
    /// <returns>Whether it has become too long.</returns>
    public bool Flush()
    {
        if (_pendingLength == 0)
        {
            return false;
        }
        try
        {
            RandomAccess.Write(_file, _pending.AsSpan(0, _pendingLength), _length);
            _length += _pendingLength;
        }
        catch (IOException exception)
        {
            _isBroken = true;
            _log.Warning($"inode numbers are not kept any more: {exception.Message}");
        }
        _pendingLength = 0;
        return _length > _limit && !_isBroken;
    }

    /// <summary>Begins anew, with the same key. What is added next may take as much as it takes.</summary>
    public void Restart()
    {
        // A process that is killed meanwhile leaves fewer numbers, and no wrong ones.
        _limit = MaxLength + (_length / 2);
        _length = Start;
        RandomAccess.SetLength(_file, Start);
    }

    /// <summary>The last path that was noted for a number.</summary>
    public async Task<PathNumber?> FindAsync(ulong number)
        => (await _earlier.Value.ConfigureAwait(false)).TryGetValue(number, out long position)
            ? await _files.RunAsync(() => ReadRecord(number, position)).ConfigureAwait(false)
            : null;

    public void Dispose()
    {
        _isBroken = true;
        _file.Dispose();
    }

    private static PathNumberFile? TryRead(SafeFileHandle file, FileReader files, DriverLog log)
    {
        byte[] head = new byte[Start];
        if (RandomAccess.Read(file, head, 0) != head.Length || !head.AsSpan().StartsWith(Magic))
        {
            return null;
        }
        PathNumberFile opened = new(file, files, log, MemoryMarshal.Cast<byte, ulong>(head.AsSpan(Magic.Length)).ToArray());
        opened._length = opened.Scan((_, record) =>
        {
            PathNumber path = GetPath(record);
            if (GetKind(record) == PathNumberKind.Given)
            {
                opened.Given[path] = GetNumber(record);
            }
            else
            {
                opened.Given.Remove(path);
            }
        });
        RandomAccess.SetLength(file, opened._length);
        opened.HasEarlier = opened._length > Start;
        return opened;
    }

    private static PathNumberFile Make(SafeFileHandle file, FileReader files, DriverLog log)
    {
        ulong[] key = NameHash.DrawKey();
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, [.. Magic, .. MemoryMarshal.AsBytes(key.AsSpan())], 0);
        return new PathNumberFile(file, files, log, key) { _length = Start };
    }

    /// <summary>Where the last record of each number stands: a name is read when it is asked for.</summary>
    private Dictionary<ulong, long> ReadEarlier()
    {
        Dictionary<ulong, long> found = [];
        try
        {
            Scan((position, record) =>
            {
                if (GetKind(record) != PathNumberKind.Freed)
                {
                    found[GetNumber(record)] = position;
                }
            });
        }
        catch (IOException exception)
        {
            _log.Warning($"inode numbers of the last process cannot be read: {exception.Message}");
        }
        return found;
    }

    private PathNumber? ReadRecord(ulong number, long position)
    {
        byte[] buffer = new byte[MaxRecord];
        int count = RandomAccess.Read(_file, buffer, position);
        // It may have begun anew since.
        return TryGetRecord(buffer.AsSpan(0, count), out ReadOnlySpan<byte> record) && GetNumber(record) == number ? GetPath(record) : null;
    }

    /// <summary>Reads records until one is not whole.</summary>
    /// <returns>Where that is.</returns>
    private long Scan(RecordReader read)
    {
        byte[] buffer = new byte[1 << 20];
        long position = Start;
        while (true)
        {
            int count = RandomAccess.Read(_file, buffer, position);
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, count);
            while (TryGetRecord(rest, out ReadOnlySpan<byte> record))
            {
                read(position, record);
                position += record.Length;
                rest = rest[record.Length..];
            }
            if (rest.Length == count || rest.Length >= MaxRecord)
            {
                return position;
            }
        }
    }

    private static bool TryGetRecord(ReadOnlySpan<byte> from, out ReadOnlySpan<byte> record)
    {
        int length = from.Length < RecordHeader ? int.MaxValue : RecordHeader + from[5];
        record = length <= from.Length ? from[..length] : [];
        return length <= from.Length && BinaryPrimitives.ReadUInt32LittleEndian(record) == GetChecksum(record);
    }

    private static PathNumberKind GetKind(ReadOnlySpan<byte> record) => (PathNumberKind)record[4];

    private static ulong GetNumber(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64LittleEndian(record[6..]);

    private static PathNumber GetPath(ReadOnlySpan<byte> record) => new(BinaryPrimitives.ReadUInt64LittleEndian(record[14..]), record[RecordHeader..].ToArray());

    private static uint GetChecksum(ReadOnlySpan<byte> record) => (uint)Checksum.Compute(record[sizeof(uint)..]);

    private delegate void RecordReader(long position, ReadOnlySpan<byte> record);
}
