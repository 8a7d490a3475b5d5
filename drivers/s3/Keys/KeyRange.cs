namespace Kaleidofs.Drivers.S3.Keys;

/// <summary>A run of a directory's keys that is listed page by page, beside others.</summary>
/// <param name="after">What its keys stand behind; null from the beginning.</param>
/// <param name="end">The last key that may be in it; null to the end.</param>
internal sealed class KeyRange(string? after, string? end)
{
    public string? After => after;

    /// <summary>Comes nearer when what is behind is given to another.</summary>
    public string? End { get; set; } = end;

    /// <summary>All keys up to it are known.</summary>
    public string Position { get; set; } = after ?? "";

    /// <summary>All of its keys are known.</summary>
    public bool IsDone { get; set; }

    /// <summary>Full pages since it was last divided: a range that has shown to be long may be divided again.</summary>
    public int Pages { get; set; }

    /// <summary>Whether a key is not behind its end.</summary>
    public bool Has(string key) => End is null || KeyText.Compare(key, End) <= 0;

    /// <summary>Whether it still may have keys from one key to another.</summary>
    public bool MayHave(string from, string to)
        => !IsDone && KeyText.Compare(Position, to) < 0 && Has(from);
}
