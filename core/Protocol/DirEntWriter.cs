using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kaleidofs.Protocol;

/// <summary>Writes READDIR's and READDIRPLUS's records. Reused with its request.</summary>
internal sealed class DirEntWriter : DirectoryWriter
{
    /// <summary>Offsets 0, 1 and 2 of the wire are the beginning, after '.', and after '..'; a driver's cookie c is c + 2.</summary>
    public const ulong FirstDriverOffset = 2;

    private const int LongestRecord = 128 + 24 + FileSystem.MaxNameLength + 1;

    private SegmentWriter _destination = null!;
    private bool _plus;

    public override bool IncludesLookup => _plus;

    /// <summary>Whether an entry did not fit.</summary>
    public bool IsFull { get; private set; }

    public void Start(SegmentWriter destination, bool plus)
    {
        _destination = destination;
        _plus = plus;
        IsFull = false;
    }

    public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
    {
        if (name.Length is 0 or > FileSystem.MaxNameLength)
        {
            throw new ArgumentException("a name has 1 to 255 bytes", nameof(name));
        }
        return TryWrite(name, nextCookie + FirstDriverOffset, entry.Attributes.Inode, entry.Attributes.Mode, in entry);
    }

    /// <summary>Adds '.' or '..'. With READDIRPLUS its node id 0 says that this is no lookup.</summary>
    public bool TryAddDots(ReadOnlySpan<byte> name, ulong nextOffset, ulong inode)
        => TryWrite(name, nextOffset, inode, FileType.Directory, default);

    private bool TryWrite(ReadOnlySpan<byte> name, ulong offset, ulong inode, uint mode, in Entry entry)
    {
        int head = _plus ? Unsafe.SizeOf<DirEntPlus>() : Unsafe.SizeOf<DirEnt>();
        int length = (head + name.Length + DirEnt.Alignment - 1) & ~(DirEnt.Alignment - 1);
        if (IsFull || length > _destination.Remaining)
        {
            IsFull = true;
            return false;
        }
        Span<byte> there = _destination.GetSpan();
        bool inPlace = there.Length >= length;
        Span<byte> record = inPlace ? there[..length] : stackalloc byte[LongestRecord + DirEnt.Alignment];
        record = record[..length];
        DirEnt dirent = new() { Inode = inode, Offset = offset, NameLength = (uint)name.Length, Type = (mode & FileType.Mask) >> 12 };
        if (_plus)
        {
            entry.ToWire(out EntryOut wire);
            MemoryMarshal.Write(record, in wire);
            MemoryMarshal.Write(record[Unsafe.SizeOf<EntryOut>()..], in dirent);
        }
        else
        {
            MemoryMarshal.Write(record, in dirent);
        }
        name.CopyTo(record[head..]);
        record[(head + name.Length)..].Clear();
        if (inPlace)
        {
            _destination.Advance(length);
        }
        else
        {
            _destination.Write(record);
        }
        return true;
    }
}
