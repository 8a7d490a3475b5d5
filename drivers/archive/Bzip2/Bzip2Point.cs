using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Bzip2;

/// <summary>The beginning of a block, at any bit.</summary>
/// <param name="output">The position in what comes out.</param>
/// <param name="bit">The first bit, counted from the file's first.</param>
/// <param name="level">The stream's level, which a decoder must know.</param>
internal sealed class Bzip2Point(long output, long bit, int level) : SeekPoint(output, bit / 8)
{
    public long Bit { get; } = bit;

    public int Level { get; } = level;

    /// <summary>Reads what <see cref="Save"/> wrote; null if it cannot be.</summary>
    public static Bzip2Point? Load(long output, long input, IndexRecordReader record)
    {
        int bit = record.ReadInt32(0, 7);
        int level = record.ReadInt32(Bzip2Format.MinLevel, Bzip2Format.MaxLevel);
        return record.IsGood && input <= long.MaxValue / 16 ? new Bzip2Point(output, (input * 8) + bit, level) : null;
    }

    /// <inheritdoc/>
    public override void Save(IndexRecord record)
    {
        record.Write(Bit % 8);
        record.Write(Level);
    }
}
