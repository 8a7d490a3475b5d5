using System.Buffers;
using System.Globalization;
using System.Text;

namespace Kaleidofs.Diagnostics;

/// <summary>Bytes that a guest chose, as text that may go to a terminal.</summary>
internal static class GuestText
{
    /// <summary>Longer names (the target of a symbolic link) are shown so far.</summary>
    private const int MaxBytes = 256;

    /// <summary>Appends a name in quotes. What is not plainly printable (controls, directions of writing, what is no UTF-8) is written as \xNN.</summary>
    public static StringBuilder AppendName(this StringBuilder text, ReadOnlySpan<byte> name)
    {
        bool isCut = name.Length > MaxBytes;
        name = name[..Math.Min(name.Length, MaxBytes)];
        text.Append('"');
        while (!name.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(name, out Rune rune, out int length);
            if (status == OperationStatus.Done && IsPlain(rune))
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (byte value in name[..length])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
                }
            }
            name = name[length..];
        }
        return text.Append(isCut ? "\"..." : "\"");
    }

    private static bool IsPlain(Rune rune) => rune.Value is not ('"' or '\\') && Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
