using System.Collections.Concurrent;
using System.Numerics;
using Kaleidofs.Drivers.Git.Lfs;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>A tree object as git has it, with a table to find names by, and with the sizes of its files as far as somebody has asked for them.</summary>
internal sealed class TreeContent
{
    /// <summary>Entries of one directory at most: as many as the low bits of an inode number tell apart.</summary>
    public const int MaxEntries = (1 << 20) - 2;

    /// <summary>The longest tree object that is read.</summary>
    public const int MaxLength = 256 << 20;

    private const long UnknownSize = -1;

    private readonly byte[] _raw;
    private readonly Place[] _places;
    private readonly int[] _buckets;
    private readonly long[] _sizes;
    private readonly int _idLength;
    private volatile bool _hasSizes;
    private ConcurrentDictionary<int, LfsPointer>? _pointers;

    private TreeContent(byte[] raw, Place[] places, int idLength)
    {
        (_raw, _places, _idLength) = (raw, places, idLength);
        _sizes = new long[places.Length];
        Array.Fill(_sizes, UnknownSize);
        _buckets = new int[Math.Max(2, (int)BitOperations.RoundUpToPowerOf2((uint)places.Length * 2))];
    }

    public int Count => _places.Length;

    /// <summary>About what it takes in memory, in bytes.</summary>
    public int Cost => _raw.Length + (_places.Length * 24) + 200;

    /// <summary>Names of the tree that are not served, as they would lead out of it or into a repository's own files, or stand there twice.</summary>
    public int Refused { get; private set; }

    /// <summary>Whether all sizes have been told.</summary>
    public bool HasSizes
    {
        get => _hasSizes;
        set => _hasSizes = value;
    }

    /// <exception cref="DamageException">It is no tree.</exception>
    public static TreeContent Parse(ReadOnlySpan<byte> bytes, ObjectFormat format)
    {
        byte[] raw = bytes.ToArray();
        List<Place> places = [];
        int refused = 0;
        for (int at = 0; at < raw.Length;)
        {
            ReadOnlySpan<byte> rest = raw.AsSpan(at);
            int blank = rest.IndexOf((byte)' ');
            int end = rest.IndexOf((byte)0);
            if (blank <= 0 || end < blank || rest.Length - end - 1 < format.IdLength || !TryParseMode(rest[..blank], out uint mode))
            {
                throw new DamageException("it is no tree");
            }
            ReadOnlySpan<byte> name = rest[(blank + 1)..end];
            if (IsServed(name) && TryGetKind(mode, out TreeEntryKind kind))
            {
                places.Add(new Place(at + blank + 1, (ushort)name.Length, kind));
            }
            else
            {
                refused++;
            }
            at += end + 1 + format.IdLength;
            if (places.Count > MaxEntries)
            {
                throw new DamageException($"it has more than {MaxEntries} entries");
            }
        }
        TreeContent tree = new(raw, [.. places], format.IdLength);
        tree.Refused = refused + tree.Index();
        return tree;
    }

    public ReadOnlySpan<byte> GetName(int entry) => _raw.AsSpan(_places[entry].Start, _places[entry].Length);

    public ObjectId GetId(int entry) => ObjectId.Read(_raw.AsSpan(_places[entry].Start + _places[entry].Length + 1, _idLength));

    public TreeEntryKind GetKind(int entry) => _places[entry].Kind;

    /// <summary>Whether there is a directory: one of the tree, or a submodule.</summary>
    public bool IsDirectory(int entry) => GetKind(entry) is TreeEntryKind.Directory or TreeEntryKind.Submodule;

    /// <summary>Whether the entry is found by its name: of two of one name only the first is.</summary>
    public bool IsServed(int entry) => TryFind(GetName(entry), out int found) && found == entry;

    public bool TryFind(ReadOnlySpan<byte> name, out int entry)
    {
        for (int bucket = GetBucket(name); _buckets[bucket] != 0; bucket = (bucket + 1) & (_buckets.Length - 1))
        {
            entry = _buckets[bucket] - 1;
            if (GetName(entry).SequenceEqual(name))
            {
                return true;
            }
        }
        entry = -1;
        return false;
    }

    /// <summary>The size of an entry, if it is known; the number may be one that a guest made up.</summary>
    public bool TryGetSize(int entry, out long size)
    {
        if ((uint)entry >= (uint)_sizes.Length)
        {
            size = UnknownSize;
            return false;
        }
        size = Volatile.Read(ref _sizes[entry]);
        return size != UnknownSize;
    }

    public void SetSize(int entry, long size) => Volatile.Write(ref _sizes[entry], size);

    /// <summary>The pointer that a file is shown for; null for most. Told with its size.</summary>
    public LfsPointer? GetPointer(int entry) => Volatile.Read(ref _pointers)?.GetValueOrDefault(entry);

    public void SetPointer(int entry, LfsPointer pointer)
        => (Volatile.Read(ref _pointers) ?? Interlocked.CompareExchange(ref _pointers, new(), null) ?? _pointers)[entry] = pointer;

    private int Index()
    {
        int twice = 0;
        for (int i = 0; i < _places.Length; i++)
        {
            if (TryFind(GetName(i), out _))
            {
                twice++;
                continue;
            }
            int bucket = GetBucket(GetName(i));
            while (_buckets[bucket] != 0)
            {
                bucket = (bucket + 1) & (_buckets.Length - 1);
            }
            _buckets[bucket] = i + 1;
        }
        return twice;
    }

    /// <summary>Seeded by the process, so that nobody can choose names that share a bucket.</summary>
    private int GetBucket(ReadOnlySpan<byte> name)
    {
        HashCode hash = default;
        hash.AddBytes(name);
        return hash.ToHashCode() & (_buckets.Length - 1);
    }

    private static bool IsServed(ReadOnlySpan<byte> name)
        => name.Length is > 0 and <= FileSystem.MaxNameLength
        && !name.Contains((byte)'/')
        && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8)
        && !(name.Length == 4 && name[0] == '.' && (name[1] | 0x20) == 'g' && (name[2] | 0x20) == 'i' && (name[3] | 0x20) == 't');

    private static bool TryParseMode(ReadOnlySpan<byte> digits, out uint mode)
    {
        mode = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7' || mode > 0xffff)
            {
                return false;
            }
            mode = (mode << 3) | (uint)(digit - '0');
        }
        return true;
    }

    private static bool TryGetKind(uint mode, out TreeEntryKind kind)
    {
        const uint Submodule = 0xe000;
        const uint OwnerMayExecute = 0x40;
        const uint GroupMayWrite = 0x10;
        kind = (mode & FileType.Mask) switch
        {
            FileType.Directory => TreeEntryKind.Directory,
            FileType.SymbolicLink => TreeEntryKind.SymbolicLink,
            Submodule => TreeEntryKind.Submodule,
            _ => (mode & OwnerMayExecute) != 0 ? TreeEntryKind.Executable : (mode & GroupMayWrite) != 0 ? TreeEntryKind.GroupWritable : TreeEntryKind.File,
        };
        return kind is not (TreeEntryKind.File or TreeEntryKind.Executable or TreeEntryKind.GroupWritable) || (mode & FileType.Mask) == FileType.Regular;
    }

    private readonly record struct Place(int Start, ushort Length, TreeEntryKind Kind);
}
