using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive;

/// <summary>One archive's part of a tree: the entries from <see cref="First"/> on, up to the next volume's. It reads their content.</summary>
internal abstract class ArchiveVolume(ArchiveListing listing) : IDisposable
{
    /// <summary>The first entry of the tree that is its own.</summary>
    public int First { get; } = listing.First;

    /// <summary>The archive's identity, and what of the tree was there before it.</summary>
    public string Identity { get; } = listing.Identity;

    /// <summary>The tree. While archives are added to it, it tells only the mode, the size, the name and the parent.</summary>
    public Tree Tree { get; } = listing.Tree;

    /// <summary>Whether any file has holes.</summary>
    public virtual bool HasHoles => false;

    /// <summary>Reads bytes of a file or link that exist; the destination has room for them.</summary>
    public abstract ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination);

    /// <summary>Why a file cannot be read; none if it can, or if that shows only when it is read.</summary>
    public virtual ValueTask<Errno> GetRefusalAsync(int node) => new(Errno.None);

    /// <summary>Where a file's data is, if it has holes.</summary>
    public virtual SparseMap? GetHoles(int node) => null;

    /// <summary>A file's bytes for whoever reads an archive in them, on a thread that may wait; null if they cannot be read, or not by position.</summary>
    /// <param name="node">The file.</param>
    /// <param name="details">What the bytes are called, and what they share with others.</param>
    public virtual ByteSource? OpenMember(int node, MemberDetails details) => null;

    /// <summary>Finds out ahead, and keeps with the index, what reading would find out.</summary>
    public virtual Task PrepareAsync(OpeningProgress progress) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract void Dispose();
}
