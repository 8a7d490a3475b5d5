using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Generating;

namespace Kaleidofs.Drivers.Llm.Authors;

/// <summary>A file that needs content.</summary>
internal sealed record ContentRequest
{
    public required WorldDefinition World { get; init; }

    public required Surroundings Surroundings { get; init; }

    public required string Name { get; init; }

    /// <summary>What it is about, as its directory's listing said.</summary>
    public required string About { get; init; }

    /// <summary>What a user asked for; empty if none did.</summary>
    public required string Wish { get; init; }

    public required FileKind Kind { get; init; }

    /// <summary>What was served of it already: it stays, and is gone on with.</summary>
    public required ReadOnlyMemory<byte> Beginning { get; init; }

    /// <summary>How often it was generated anew.</summary>
    public required uint Generation { get; init; }

    /// <summary>How long it may be, the beginning included.</summary>
    public required int MaxBytes { get; init; }

    /// <summary>Every call is taken from it first.</summary>
    public required Budget Budget { get; init; }
}
