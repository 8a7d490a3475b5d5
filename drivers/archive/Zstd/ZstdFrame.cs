using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Zstd;

/// <summary>What frames of zstd begin with, and those that hold something else, which lz4 has, too (RFC 8878, 3.1).</summary>
internal static class ZstdFrame
{
    /// <summary>Magic number and length of a skippable frame.</summary>
    public const int SkippableHeaderLength = 8;

    /// <summary>The first bytes of a frame.</summary>
    public static ReadOnlySpan<byte> Magic => [0x28, 0xB5, 0x2F, 0xFD];

    /// <summary>Whether a skippable frame begins so.</summary>
    public static bool IsSkippable(ReadOnlySpan<byte> head)
        => head.Length >= sizeof(uint) && (BinaryPrimitives.ReadUInt32LittleEndian(head) & 0xFFFFFFF0) == 0x184D2A50;

    /// <summary>The length of a skippable frame.</summary>
    public static long GetSkippableLength(ReadOnlySpan<byte> header) => SkippableHeaderLength + (long)BinaryPrimitives.ReadUInt32LittleEndian(header[sizeof(uint)..]);

    /// <summary>Whether a file begins with a short skippable frame, and a frame of zstd behind it, as pzstd writes.</summary>
    public static bool IsSkippableBeforeFrame(ReadOnlySpan<byte> head)
        => head.Length >= SkippableHeaderLength && IsSkippable(head)
            && GetSkippableLength(head) is long length && length < head.Length && head[(int)length..].StartsWith(Magic);
}
