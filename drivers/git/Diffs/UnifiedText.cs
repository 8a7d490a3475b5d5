using System.Buffers;
using System.Globalization;
using System.Text;

namespace Kaleidofs.Drivers.Git.Diffs;

/// <summary>The differences of two texts in the unified format, with three lines around each.</summary>
internal static class UnifiedText
{
    private const int Context = 3;

    /// <summary>Of the line that is told as the section that a hunk is in.</summary>
    private const int MaxHeading = 80;

    public static void Write(IBufferWriter<byte> patch, byte[] before, byte[] after)
    {
        Dictionary<TextLines.Line, int> known = [];
        TextLines old = TextLines.Split(before, known);
        TextLines current = TextLines.Split(after, known);
        LineDiff diff = LineDiff.Compare(old.Numbers, current.Numbers, known.Count);
        List<Block> hunk = [];
        (int left, int right) = (0, 0);
        while (left < old.Count || right < current.Count)
        {
            (int oldStart, int newStart) = (left, right);
            while (left < old.Count && diff.Removed[left])
            {
                left++;
            }
            while (right < current.Count && diff.Added[right])
            {
                right++;
            }
            if (left == oldStart && right == newStart)
            {
                (left, right) = (left + 1, right + 1);
                continue;
            }
            if (hunk.Count > 0 && oldStart - hunk[^1].OldEnd > 2 * Context)
            {
                WriteHunk(patch, old, current, hunk);
                hunk.Clear();
            }
            hunk.Add(new Block(oldStart, left, newStart, right));
        }
        if (hunk.Count > 0)
        {
            WriteHunk(patch, old, current, hunk);
        }
    }

    private static void WriteHunk(IBufferWriter<byte> patch, TextLines old, TextLines current, List<Block> hunk)
    {
        int lead = Math.Min(Context, hunk[0].OldStart);
        int tail = Math.Min(Context, old.Count - hunk[^1].OldEnd);
        (int oldStart, int newStart) = (hunk[0].OldStart - lead, hunk[0].NewStart - lead);
        patch.Write(Encoding.ASCII.GetBytes($"@@ -{Range(oldStart, hunk[^1].OldEnd + tail)} +{Range(newStart, hunk[^1].NewEnd + tail)} @@"));
        WriteHeading(patch, old, oldStart);
        patch.Write("\n"u8);
        int at = oldStart;
        foreach (Block block in hunk)
        {
            WriteLines(patch, ' ', old, at, block.OldStart);
            WriteLines(patch, '-', old, block.OldStart, block.OldEnd);
            WriteLines(patch, '+', current, block.NewStart, block.NewEnd);
            at = block.OldEnd;
        }
        WriteLines(patch, ' ', old, at, at + tail);
    }

    /// <summary>Lines are counted from one; of none, the one before is told.</summary>
    private static string Range(int start, int end)
        => string.Create(CultureInfo.InvariantCulture, $"{(end > start ? start + 1 : start)}{(end - start == 1 ? "" : $",{end - start}")}");

    /// <summary>The last line above that looks like the beginning of a function.</summary>
    private static void WriteHeading(IBufferWriter<byte> patch, TextLines old, int start)
    {
        for (int line = start - 1; line >= 0; line--)
        {
            ReadOnlySpan<byte> text = old[line];
            if (char.IsAsciiLetter((char)text[0]) || text[0] is (byte)'_' or (byte)'$')
            {
                patch.Write(" "u8);
                patch.Write(text[..Math.Min(text.Length, MaxHeading)].TrimEnd(" \t\n\v\f\r"u8));
                return;
            }
        }
    }

    private static void WriteLines(IBufferWriter<byte> patch, char sign, TextLines text, int start, int end)
    {
        for (int line = start; line < end; line++)
        {
            patch.Write([(byte)sign]);
            patch.Write(text[line]);
            if (text[line][^1] != '\n')
            {
                patch.Write("\n\\ No newline at end of file\n"u8);
            }
        }
    }

    private readonly record struct Block(int OldStart, int OldEnd, int NewStart, int NewEnd);
}
