using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Generating;

namespace Kaleidofs.Drivers.Llm.Authors;

/// <summary>A directory that needs entries.</summary>
internal sealed record ListingRequest
{
    public required WorldDefinition World { get; init; }

    /// <summary>What is around; its siblings are those of the directory.</summary>
    public required Surroundings Surroundings { get; init; }

    /// <summary>What the directory is about, as its parent's listing said.</summary>
    public required string About { get; init; }

    /// <summary>The root's is 0.</summary>
    public required int Depth { get; init; }

    /// <summary>Whether it may have directories.</summary>
    public required bool MayHaveDirectories { get; init; }

    /// <summary>Names that it has in any case.</summary>
    public required IReadOnlyList<string> Fixed { get; init; }

    /// <summary>Every call is taken from it first.</summary>
    public required Budget Budget { get; init; }
}
