using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>What a header says of files and directories, a column for each property.</summary>
internal sealed class FileTable
{
    private const uint DosReadOnly = 0x01;
    private const uint DosDirectory = 0x10;

    /// <summary>FILE_ATTRIBUTE_UNIX_EXTENSION of p7zip: the upper half is a Unix mode.</summary>
    private const uint HasUnixMode = 0x8000;

    private const uint DefaultFile = FileType.Regular | 0x1A4;
    private const uint DefaultDirectory = FileType.Directory | 0x1ED;
    private const uint WriteBits = 0x92;

    private const long TicksPerSecond = 10_000_000;

    /// <summary>From 1601 to 1970, in seconds.</summary>
    private const long Epoch = 11_644_473_600;

    private readonly bool[] _isEmpty;
    // Of those without content.
    private bool[] _isFile = [];
    private bool[] _isAnti = [];
    private byte[] _names = [];
    private int[] _nameEnds = [];
    private ulong?[] _modified = [];
    private ulong?[] _accessed = [];
    private ulong?[] _attributes = [];

    /// <summary>Of an archive of nothing.</summary>
    public static FileTable None { get; } = new(0);

    private FileTable(int count) => _isEmpty = new bool[count];

    public int Count => _isEmpty.Length;

    /// <summary>How many of them have content.</summary>
    public int ContentCount => _isEmpty.Count(isEmpty => !isEmpty);

    /// <exception cref="SourceException">It is damaged.</exception>
    public static FileTable Read(ref HeaderCursor cursor)
    {
        // Each has a name, which has at least its two bytes of end.
        FileTable table = new(cursor.ReadCount(Math.Min(cursor.Left / sizeof(char), SevenZipHeader.MaxCount)));
        for (SevenZipMark mark = cursor.ReadMark(); mark != SevenZipMark.End; mark = cursor.ReadMark())
        {
            HeaderCursor property = new(cursor.ReadBytes(cursor.ReadLength()));
            table.ReadProperty(mark, ref property);
        }
        return table._nameEnds.Length == table.Count ? table : throw HeaderCursor.Damaged("the names are missing");
    }

    /// <summary>Whether a file has content in a folder.</summary>
    public bool HasContent(int file) => !_isEmpty[file];

    /// <summary>Goes through all of them, in order.</summary>
    /// <param name="visit">Is told a file's number, its path, what it is (but for its size), and whether it only says that a file is to be removed.</param>
    public void ForEach(Visitor visit)
    {
        byte[] path = [];
        int start = 0;
        int empty = 0;
        for (int file = 0; file < Count; file++)
        {
            ReadOnlySpan<char> name = MemoryMarshal.Cast<byte, char>(_names.AsSpan(start, _nameEnds[file] - start));
            start = _nameEnds[file] + sizeof(char);
            if (path.Length < Encoding.UTF8.GetMaxByteCount(name.Length))
            {
                path = new byte[Encoding.UTF8.GetMaxByteCount(name.Length)];
            }
            int order = _isEmpty[file] ? empty++ : -1;
            bool isDirectory = order >= 0 && !(order < _isFile.Length && _isFile[order]);
            TreeNode node = new() { Mode = GetMode(file, isDirectory), ModificationTime = ToTime(Get(_modified, file)) ?? default };
            visit(file, path.AsSpan(0, Encoding.UTF8.GetBytes(name, path)), node, order >= 0 && order < _isAnti.Length && _isAnti[order]);
        }
    }

    /// <summary>When a file was last read, where that is told.</summary>
    public Timestamp? GetAccessTime(int file) => ToTime(Get(_accessed, file));

    private void ReadProperty(SevenZipMark mark, ref HeaderCursor property)
    {
        int empty = Count - ContentCount;
        switch (mark)
        {
            case SevenZipMark.EmptyStreams:
                property.ReadBits(Count).CopyTo(_isEmpty, 0);
                break;
            case SevenZipMark.EmptyFiles:
                _isFile = property.ReadBits(empty);
                break;
            case SevenZipMark.AntiItems:
                _isAnti = property.ReadBits(empty);
                break;
            case SevenZipMark.Names:
                property.ReadInPlace();
                ReadNames(ref property);
                break;
            case SevenZipMark.ModificationTimes:
                _modified = ReadValues(ref property, sizeof(ulong));
                break;
            case SevenZipMark.AccessTimes:
                _accessed = ReadValues(ref property, sizeof(ulong));
                break;
            case SevenZipMark.Attributes:
                _attributes = ReadValues(ref property, sizeof(uint));
                break;
            default:
                // Of no interest here, as padding, or of a later version.
                break;
        }
    }

    /// <summary>UTF-16, each with a zero behind it.</summary>
    private void ReadNames(ref HeaderCursor property)
    {
        _names = property.ReadBytes(property.Left).ToArray();
        _nameEnds = new int[Count];
        ReadOnlySpan<char> characters = MemoryMarshal.Cast<byte, char>(_names);
        int start = 0;
        for (int file = 0; file < Count; file++)
        {
            int length = characters[start..].IndexOf('\0');
            if (length < 0)
            {
                throw HeaderCursor.Damaged("a name has no end");
            }
            _nameEnds[file] = (start + length) * sizeof(char);
            start += length + 1;
        }
    }

    private ulong?[] ReadValues(ref HeaderCursor property, int length)
    {
        bool[] defined = property.ReadDefined(Count);
        property.ReadInPlace();
        ulong?[] values = new ulong?[Count];
        for (int file = 0; file < Count; file++)
        {
            if (defined[file])
            {
                ReadOnlySpan<byte> bytes = property.ReadBytes(length);
                values[file] = length == sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            }
        }
        return values;
    }

    private uint GetMode(int file, bool isDirectory)
    {
        uint attributes = (uint)(Get(_attributes, file) ?? 0);
        uint mode = (attributes & HasUnixMode) != 0 ? attributes >> 16 : 0;
        uint type = mode & FileType.Mask;
        bool mayBe = isDirectory ? type == FileType.Directory : type is FileType.Regular or FileType.SymbolicLink;
        // Without content it may be either; a link has its target there.
        return mayBe && !(type == FileType.SymbolicLink && _isEmpty[file]) ? mode
            : isDirectory || ((attributes & DosDirectory) != 0 && _isEmpty[file]) ? DefaultDirectory
            : (attributes & DosReadOnly) != 0 ? DefaultFile & ~WriteBits
            : DefaultFile;
    }

    private static ulong? Get(ulong?[] values, int file) => file < values.Length ? values[file] : null;

    /// <summary>FILETIME: 100 ns since 1601.</summary>
    private static Timestamp? ToTime(ulong? ticks)
    {
        if (ticks is not ulong value || value > long.MaxValue)
        {
            return null;
        }
        (ulong seconds, ulong rest) = Math.DivRem(value, (ulong)TicksPerSecond);
        return new Timestamp((long)seconds - Epoch, (uint)(rest * 100));
    }

    /// <summary>Takes a file.</summary>
    public delegate void Visitor(int file, ReadOnlySpan<byte> path, TreeNode node, bool isAnti);
}
