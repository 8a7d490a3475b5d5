namespace Kaleidofs;

/// <summary>What a source is to differ by from what it is: first <see cref="Removed"/> goes, then <see cref="Entries"/> come, in their order.</summary>
public abstract class ChangeSet
{
    /// <summary>
    /// Paths that are gone, with all that is beneath them. A name that another entry takes is among them only where one of
    /// both is a directory: else the entry replaces what was there.
    /// </summary>
    public abstract IReadOnlyList<ReadOnlyMemory<byte>> Removed { get; }

    /// <summary>What is new or changed, directories before what is in them.</summary>
    public abstract IReadOnlyList<ChangedEntry> Entries { get; }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Removed.Count == 0 && Entries.Count == 0;

    /// <summary>What keeping files safely takes.</summary>
    public abstract FileWriter Writer { get; }

    /// <summary>Writes a regular file's content to a stream; what it fails at is the errno.</summary>
    public abstract ValueTask<Errno> CopyAsync(ChangedEntry entry, Stream destination, CancellationToken cancellationToken);

    /// <summary>
    /// To be called when the changed source is whole and on the disk, right before it takes the old one's place: from then on
    /// the changes count as made wherever the source is found with that identity.
    /// </summary>
    /// <param name="identity">What <see cref="FileSystemInfo.Identity"/> will be.</param>
    /// <exception cref="IOException">That cannot be noted; the source must stay as it is.</exception>
    public abstract ValueTask ConfirmAsync(string identity);
}
