namespace Kaleidofs.Transforms.Overlay;

/// <summary>What an overlay needs beside the filesystem beneath it.</summary>
public sealed record OverlaySettings
{
    /// <summary>The directory that keeps the changes; made if it is not there. No other process may use it.</summary>
    public required string Directory { get; init; }

    /// <summary>The source as the user named it: it stands for the identity of a source that has none.</summary>
    public required string Source { get; init; }

    /// <summary>Reads the upper directory's files, and has the threads that may wait for a disk.</summary>
    public required FileReader Files { get; init; }

    /// <summary>Keeps the upper directory's files.</summary>
    public required FileWriter Writer { get; init; }

    /// <summary>More changed inodes than this are ENOSPC: a guest does not fill the host's memory.</summary>
    internal int MaxChangedInodes { get; init; } = 1 << 22;

    /// <summary>Where to say what an operator should know.</summary>
    public DriverLog Log { get; init; } = DriverLog.Silent;
}
