namespace Kaleidofs;

/// <summary>A file, directory or other entry that a source is to get, or to have anew.</summary>
public sealed record ChangedEntry
{
    /// <summary>Its path from the root, without slashes at its ends.</summary>
    public required ReadOnlyMemory<byte> Path { get; init; }

    /// <summary>What it is to be like.</summary>
    public required Attributes Attributes { get; init; }

    /// <summary>Whether the source had nothing of that name.</summary>
    public bool IsNew { get; init; }

    /// <summary>Another name of the same file, which the source keeps or an earlier entry makes; null for the first.</summary>
    public ReadOnlyMemory<byte>? HardLinkTo { get; init; }

    /// <summary>A symbolic link's target.</summary>
    public ReadOnlyMemory<byte> LinkTarget { get; init; }

    /// <summary>All extended attributes.</summary>
    public IReadOnlyList<(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value)> ExtendedAttributes { get; init; } = [];
}
