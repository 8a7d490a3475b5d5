namespace Kaleidofs.Drivers.S3.Keys;

/// <summary>The characters that a directory's names are made of, as far as they were seen; by them it is guessed where the middle of a run of keys is.</summary>
internal sealed class KeyAlphabet
{
    private const int Digits = 8;

    private readonly bool[] _isSeen = new bool[128];

    /// <summary>Notes a name's characters. Only ASCII, whose order is that of keys.</summary>
    public void Note(ReadOnlySpan<char> name)
    {
        foreach (char character in name)
        {
            if (character is > '\0' and < '\x7f' and not '/')
            {
                _isSeen[character] = true;
            }
        }
    }

    /// <summary>A key between two; null if none is to be found.</summary>
    /// <param name="low">The lower.</param>
    /// <param name="high">The higher; null for the end.</param>
    /// <param name="prefix">What all keys begin with.</param>
    public string? FindMiddle(string low, string? high, string prefix)
    {
        if (low.Length < prefix.Length)
        {
            return null;
        }
        char[] seen = [.. Enumerable.Range(0, _isSeen.Length).Where(character => _isSeen[character]).Select(character => (char)character)];
        int common = high is null ? prefix.Length : Math.Max(prefix.Length, low.AsSpan().CommonPrefixLength(high));
        ulong first = GetValue(low.AsSpan(common), seen);
        ulong last = high is null ? Power((ulong)seen.Length + 1) : GetValue(high.AsSpan(Math.Min(common, high.Length)), seen);
        if (last <= first + 1)
        {
            return null;
        }
        string middle = low[..common] + GetText(first + ((last - first) / 2), seen);
        return KeyText.Compare(middle, low) > 0 && (high is null || KeyText.Compare(middle, high) < 0) ? middle : null;
    }

    private static ulong Power(ulong number)
    {
        ulong power = 1;
        for (int digit = 0; digit < Digits; digit++)
        {
            power *= number;
        }
        return power;
    }

    /// <summary>The beginning of a text as a number, whose digits are places in the alphabet; 0 stands for the text's end.</summary>
    private static ulong GetValue(ReadOnlySpan<char> text, char[] seen)
    {
        ulong value = 0;
        for (int digit = 0; digit < Digits; digit++)
        {
            int at = digit < text.Length ? Array.BinarySearch(seen, text[digit]) : -1;
            int place = digit >= text.Length ? 0 : at >= 0 ? at + 1 : ~at;
            value = (value * ((ulong)seen.Length + 1)) + (ulong)place;
        }
        return value;
    }

    private static string GetText(ulong value, char[] seen)
    {
        Span<char> text = stackalloc char[Digits];
        int length = 0;
        for (int digit = Digits - 1; digit >= 0; digit--)
        {
            (value, ulong place) = Math.DivRem(value, (ulong)seen.Length + 1);
            text[digit] = place == 0 ? '\0' : seen[place - 1];
        }
        length = text.IndexOf('\0');
        return new string(length < 0 ? text : text[..length]);
    }
}
