using System.Buffers;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>A path for a line of text: as it is, or, if it has signs that a line cannot have, quoted as git does with core.quotePath=false.</summary>
internal static class QuotedPath
{
    public static void Write(IBufferWriter<byte> destination, ReadOnlySpan<byte> path)
    {
        if (!path.ContainsAnyInRange((byte)0, (byte)0x1f) && !path.ContainsAny("\"\\\x7f"u8))
        {
            destination.Write(path);
            return;
        }
        destination.Write("\""u8);
        foreach (byte value in path)
        {
            int letter = "\a\b\t\n\v\f\r"u8.IndexOf(value);
            if (letter >= 0)
            {
                destination.Write([(byte)'\\', "abtnvfr"u8[letter]]);
            }
            else if (value is (byte)'"' or (byte)'\\')
            {
                destination.Write([(byte)'\\', value]);
            }
            else if (value is < 0x20 or 0x7f)
            {
                destination.Write([(byte)'\\', (byte)('0' + (value >> 6)), (byte)('0' + ((value >> 3) & 7)), (byte)('0' + (value & 7))]);
            }
            else
            {
                destination.Write([value]);
            }
        }
        destination.Write("\""u8);
    }
}
