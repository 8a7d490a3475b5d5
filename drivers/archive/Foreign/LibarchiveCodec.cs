using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.SevenZip;

namespace Kaleidofs.Drivers.Archive.Foreign;

/// <summary>
/// A format that libarchive reads, as a codec whose output is a tar of the archive's entries. It has no place to begin at but the first
/// byte, and is therefore decoded once: into the cache's tier on disk.
/// </summary>
internal sealed class LibarchiveCodec : Codec
{
    /// <summary>Where the magic stands in an lha's first header: "-lh5-".</summary>
    private const int LhaMethod = 2;

    private readonly byte[] _magic;
    private readonly int _offset;

    private LibarchiveCodec(string name, ReadOnlySpan<byte> magic, int offset = 0)
    {
        Name = name;
        _magic = magic.ToArray();
        _offset = offset;
    }

    public static IReadOnlyList<LibarchiveCodec> All { get; } =
    [
        new("7z", SevenZipHeader.Magic),
        new("rar", "Rar!\u001a\u0007\0"u8),
        new("rar5", "Rar!\u001a\u0007\u0001\0"u8),
        new("xar", "xar!"u8),
        new("cab", "MSCF\0\0\0\0"u8),
        new("lha", "-lh"u8, LhaMethod),
        new("lha", "-lz"u8, LhaMethod),
        new("rpm", [0xED, 0xAB, 0xEE, 0xDB]),
    ];

    public override string Name { get; }

    public override bool IsArchive => true;

    public override bool Recognizes(ReadOnlySpan<byte> head)
        => head.Length > _offset + _magic.Length && head[_offset..].StartsWith(_magic)
            // Of lha's the method has five characters.
            && (_offset == 0 || (head.Length > _offset + 4 && head[_offset + 4] == (byte)'-'));

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new LibarchiveCursor(this, range);
}
