using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>Which parts of a file have been written (FSCTL_QUERY_ALLOCATED_RANGES, MS-FSCC 2.3.47).</summary>
internal static class AllocatedRanges
{
    public const uint Control = 0x000940CF;

    private const int RangeSize = 16;

    /// <summary>How much of an answer is asked for at once.</summary>
    public const int MaxAnswer = 1024 * RangeSize;

    public static byte[] Ask(long offset)
    {
        byte[] input = new byte[RangeSize];
        BinaryPrimitives.WriteInt64LittleEndian(input, offset);
        BinaryPrimitives.WriteInt64LittleEndian(input.AsSpan(8), long.MaxValue - offset);
        return input;
    }

    /// <summary>Where the data begins that is at or after an offset, and where it ends as far as the answer tells; false if there is none.</summary>
    /// <param name="answer">Ranges in order.</param>
    /// <param name="offset">The offset.</param>
    /// <param name="start">The beginning, not before the offset.</param>
    /// <param name="end">The end.</param>
    public static bool TryFindData(ReadOnlySpan<byte> answer, long offset, out long start, out long end)
    {
        (start, end) = (0, 0);
        bool isFound = false;
        for (; answer.Length >= RangeSize; answer = answer[RangeSize..])
        {
            long from = BinaryPrimitives.ReadInt64LittleEndian(answer);
            long length = BinaryPrimitives.ReadInt64LittleEndian(answer[8..]);
            if (from < 0 || length <= 0 || length > long.MaxValue - from || from + length <= offset)
            {
                continue;
            }
            if (!isFound)
            {
                (start, end, isFound) = (Math.Max(from, offset), from + length, true);
            }
            else if (from > end)
            {
                break;
            }
            else
            {
                end = Math.Max(end, from + length);
            }
        }
        return isFound;
    }
}
