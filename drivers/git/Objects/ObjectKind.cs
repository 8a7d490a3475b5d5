namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>What an object is; the values are those of a pack's entries (gitformat-pack).</summary>
internal enum ObjectKind
{
    None = 0,
    Commit = 1,
    Tree = 2,
    Blob = 3,
    Tag = 4,
    /// <summary>In a pack alone: changes to an entry that stands before it.</summary>
    OffsetDelta = 6,
    /// <summary>In a pack alone: changes to a named object of the same pack.</summary>
    ReferenceDelta = 7,
}
