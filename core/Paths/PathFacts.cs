namespace Kaleidofs.Paths;

/// <summary>What a source tells of one path.</summary>
/// <param name="attributes">Its attributes; the inode number is the table's to set.</param>
/// <param name="state">What the driver wants to find again at the <see cref="PathNode"/>: a version, a handle. Never changed in place.</param>
public readonly struct PathFacts(in Attributes attributes, object? state = null)
{
    /// <summary>The attributes.</summary>
    public readonly Attributes Attributes = attributes;
    /// <summary>The driver's own.</summary>
    public readonly object? State = state;
}
