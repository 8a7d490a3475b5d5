namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A header block: POSIX ustar, GNU, star or v7 (pax(1), tar(5)).</summary>
/// <param name="block">512 bytes.</param>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    /// <summary>Headers and contents fill whole blocks.</summary>
    public const int BlockLength = 512;

    private const int ChecksumOffset = 148;
    private const int ChecksumLength = 8;

    private readonly ReadOnlySpan<byte> _block = block;

    /// <summary>The kind of entry.</summary>
    public byte Type => _block[156];

    public ReadOnlySpan<byte> Name => Text(0, 100);

    public ReadOnlySpan<byte> LinkName => Text(157, 100);

    /// <summary>What comes before the name, with a slash between; only in POSIX's and star's.</summary>
    public ReadOnlySpan<byte> Prefix => !IsPosix ? [] : IsStar ? Text(345, 131) : Text(345, 155);

    public bool IsUstar => _block.Slice(257, 5).SequenceEqual("ustar"u8);

    /// <summary>The old GNU form of a file with holes: four pieces here, more in blocks that follow if so marked.</summary>
    public ReadOnlySpan<byte> SparsePieces => _block.Slice(386, 4 * SparseMapReader.OldPieceLength);

    public bool HasMoreSparsePieces => _block[482] != 0;

    public bool TryGetRealSize(out long size) => TarNumber.TryParse(_block.Slice(483, 12), out size) && size >= 0;

    private bool IsPosix => _block.Slice(257, 6).SequenceEqual("ustar\0"u8);

    private bool IsStar => _block.Slice(508, 4).SequenceEqual("tar\0"u8);

    /// <summary>Whether the checksum is right: the sum of all bytes, its own field counted as spaces; some old tools summed signed bytes.</summary>
    public bool HasValidChecksum()
    {
        if (!TarNumber.TryParse(_block.Slice(ChecksumOffset, ChecksumLength), out long told))
        {
            return false;
        }
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BlockLength; i++)
        {
            byte value = i is >= ChecksumOffset and < ChecksumOffset + ChecksumLength ? (byte)' ' : _block[i];
            unsigned += value;
            signed += (sbyte)value;
        }
        return told == unsigned || told == signed;
    }

    public bool TryGetSize(out long size) => TarNumber.TryParse(_block.Slice(124, 12), out size) && size >= 0;

    /// <summary>A number that only describes: one that cannot be read counts as 0.</summary>
    public long GetMode() => Number(100, 8);

    public long GetUserId() => Number(108, 8);

    public long GetGroupId() => Number(116, 8);

    public long GetModificationTime() => Number(136, 12);

    /// <summary>The device's number in the kernel's encoding.</summary>
    public uint GetDevice()
    {
        uint major = (uint)Number(329, 8);
        uint minor = (uint)Number(337, 8);
        return (minor & 0xFF) | (major << 8) | ((minor & ~0xFFu) << 12);
    }

    private long Number(int offset, int length) => TarNumber.TryParse(_block.Slice(offset, length), out long value) ? value : 0;

    private ReadOnlySpan<byte> Text(int offset, int length)
    {
        ReadOnlySpan<byte> field = _block.Slice(offset, length);
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
