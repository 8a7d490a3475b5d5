using Kaleidofs.Transforms.Overlay;

namespace Kaleidofs.Host.Serving;

/// <summary>What putting an overlay into its source did.</summary>
internal sealed class CommitOutcome(OverlayChanges changes, CommittedSource source)
{
    /// <summary>Entries that the source did not have.</summary>
    public int CreatedCount { get; } = changes.Entries.Count(entry => entry.IsNew);

    /// <summary>Entries that it had otherwise. A directory has another time whenever a name in it changes: that does not count.</summary>
    public int ChangedCount { get; } = changes.Entries.Count(entry => !entry.IsNew && !entry.Attributes.IsDirectory);

    /// <summary>Names that are gone; a directory with all that was in it counts once.</summary>
    public int RemovedCount { get; } = changes.Removed.Count;

    /// <summary>Whether anything was done.</summary>
    public bool IsEmpty { get; } = changes.IsEmpty;

    /// <summary>How long the source was and is.</summary>
    public CommittedSource Source => source;
}
