using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Bzip2;

/// <summary>The beginning of a block, at any bit.</summary>
/// <param name="output">The position in what comes out.</param>
/// <param name="bit">The first bit, counted from the file's first.</param>
/// <param name="level">The stream's level, which a decoder must know.</param>
internal sealed class Bzip2Point(long output, long bit, int level) : SeekPoint(output, bit / 8)
{
    public long Bit { get; } = bit;

    public int Level { get; } = level;
}
