using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Authors;

/// <summary>How generating something went.</summary>
/// <param name="Errno"><see cref="Errno.None"/>, or what the caller sees.</param>
/// <param name="Reason">Why not, in one line.</param>
/// <param name="PromptDigest">SHA-256 of the prompt, in hexadecimal.</param>
/// <param name="Usage">What it took, also if it failed.</param>
internal sealed record Outcome(Errno Errno, string Reason, string PromptDigest, Usage Usage)
{
    /// <summary>What was thought of, of a directory.</summary>
    public ListingDraft? Listing { get; init; }

    public static Outcome OverBudget(string promptDigest, Usage usage) => new(Errno.EDQUOT, "the budget is spent", promptDigest, usage);
}
