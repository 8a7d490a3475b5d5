namespace Kaleidofs.Drivers.Llm.Generating;

/// <summary>How much may be generated.</summary>
internal sealed record Limits
{
    /// <summary>Directories at this depth have no directories. The root's depth is 0.</summary>
    public int Depth { get; init; } = 8;

    /// <summary>Entries of a directory that are generated; more are left out.</summary>
    public int Entries { get; init; } = 64;

    /// <summary>Bytes of a file that are generated.</summary>
    public int FileBytes { get; init; } = 64 << 10;

    /// <summary>Calls of the model in an hour.</summary>
    public int CallsPerHour { get; init; } = int.MaxValue;

    /// <summary>Tokens in an hour, of prompts and answers.</summary>
    public long TokensPerHour { get; init; } = long.MaxValue;

    /// <summary>Calls of the model in all.</summary>
    public long Calls { get; init; } = long.MaxValue;

    /// <summary>Tokens in all.</summary>
    public long Tokens { get; init; } = long.MaxValue;

    /// <summary>Whether calls or tokens are counted out.</summary>
    public bool BoundsSpending => (CallsPerHour, TokensPerHour, Calls, Tokens) != (int.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue);

    /// <summary>Calls at once; more wait.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Tokens of a prompt, as far as they can be counted without the model's own tokenizer.</summary>
    public int PromptTokens { get; init; } = 6000;
}
