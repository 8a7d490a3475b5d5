using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive;

/// <summary>A tree of one archive's entries, or of several's: each has a range of entries of its own, so that nothing is kept for an entry.</summary>
internal sealed class ArchiveFileSystem : TreeFileSystem
{
    /// <summary>The longest target that Linux follows (PATH_MAX without its NUL).</summary>
    public const int MaxTarget = 4095;

    private readonly ArchiveVolume[] _volumes;
    private readonly int[] _firsts;
    private readonly bool _hasHoles;
    private readonly IDisposable? _shared;
    private readonly ArchiveIndex _index;

    /// <param name="tree">The tree.</param>
    /// <param name="identity">The identity of all volumes.</param>
    /// <param name="volumes">The volumes, in the order of their entries.</param>
    /// <param name="shared">What they share, to be ended with them.</param>
    /// <param name="index">The index that is kept of it.</param>
    public ArchiveFileSystem(Tree tree, string identity, IEnumerable<ArchiveVolume> volumes, IDisposable? shared, ArchiveIndex index)
        : base(tree, identity)
    {
        _volumes = [.. volumes];
        _firsts = [.. _volumes.Select(volume => volume.First)];
        _hasHoles = _volumes.Any(volume => volume.HasHoles);
        _shared = shared;
        _index = index;
    }

    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
    {
        if (!Tree.TryGetNode(inode, out int node) || (Tree.GetMode(node) & FileType.Mask) != FileType.Regular)
        {
            return base.OpenAsync(context, inode, flags);
        }
        // What cannot be read is refused here already, where the kernel asks.
        ValueTask<Errno> refusal = GetVolume(node).GetRefusalAsync(node);
        return refusal.IsCompletedSuccessfully && refusal.Result == Errno.None
            ? base.OpenAsync(context, inode, flags)
            : OpenUnlessRefusedAsync(context, inode, flags, refusal);
    }

    public override ValueTask<Result<long>> SeekAsync(RequestContext context, ulong inode, ulong handle, long offset, SeekKind kind)
    {
        if (!_hasHoles)
        {
            // The kernel then answers itself: all is data.
            return base.SeekAsync(context, inode, handle, offset, kind);
        }
        if (!Tree.TryGetNode(inode, out int node))
        {
            return new(Errno.ESTALE);
        }
        long size = Tree.GetSize(node);
        if (offset < 0 || offset >= size || Tree.IsDirectory(node))
        {
            return new(Errno.ENXIO);
        }
        if (GetVolume(node).GetHoles(node) is not SparseMap map)
        {
            return new(kind == SeekKind.Data ? offset : size);
        }
        while (offset < size)
        {
            long length = map.Find(offset, out bool isData, out _);
            if (isData == (kind == SeekKind.Data))
            {
                return new(offset);
            }
            offset = length > size - offset ? size : offset + length;
        }
        return kind == SeekKind.Hole ? new(size) : new(Errno.ENXIO);
    }

    /// <summary>Finds out ahead, and keeps with the index, what reading would find out.</summary>
    public Task PrepareAsync(OpeningProgress progress) => Task.WhenAll(_volumes.Select(volume => volume.PrepareAsync(progress)));

    public override async ValueTask DisposeAsync()
    {
        // It is written from what the volumes have, by a thread that reads the archive.
        await _index.DisposeAsync().ConfigureAwait(false);
        // The inner ones read from the outer ones, which come before them.
        for (int i = _volumes.Length - 1; i >= 0; i--)
        {
            _volumes[i].Dispose();
        }
        _shared?.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        => GetVolume(node).ReadAsync(context, node, offset, count, destination);

    protected override async ValueTask<Result<ReadOnlyMemory<byte>>> ReadTargetAsync(RequestContext context, int node)
    {
        long size = Tree.GetSize(node);
        if (size is 0 or > MaxTarget)
        {
            return Errno.EIO;
        }
        ArrayPayloadWriter target = new((int)size);
        Errno errno = await GetVolume(node).ReadAsync(context, node, 0, (int)size, target).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            return errno;
        }
        return target.Content.Span.Contains((byte)0) ? Errno.EIO : target.Content;
    }

    private async ValueTask<Result<OpenedFile>> OpenUnlessRefusedAsync(RequestContext context, ulong inode, OpenFlags flags, ValueTask<Errno> refusal)
        => await refusal.ConfigureAwait(false) is Errno errno and not Errno.None
            ? errno
            : await base.OpenAsync(context, inode, flags).ConfigureAwait(false);

    private ArchiveVolume GetVolume(int node)
    {
        if (_volumes.Length == 1)
        {
            return _volumes[0];
        }
        int position = Array.BinarySearch(_firsts, node);
        return _volumes[position < 0 ? Math.Max(~position - 1, 0) : position];
    }
}
