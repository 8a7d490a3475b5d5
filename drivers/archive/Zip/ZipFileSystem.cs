using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>A zip as a filesystem.</summary>
internal sealed class ZipFileSystem(Tree tree, string identity, ZipContent content) : TreeFileSystem(tree, identity)
{
    /// <summary>The longest target that Linux follows (PATH_MAX with its NUL).</summary>
    private const int MaxTarget = 4095;

    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
    {
        if (!Tree.TryGetNode(inode, out int node) || (Tree.GetMode(node) & FileType.Mask) != FileType.Regular)
        {
            return base.OpenAsync(context, inode, flags);
        }
        // What cannot be read is refused here already, where the kernel asks.
        ValueTask<Errno> refusal = content.GetRefusalAsync(node);
        return refusal.IsCompletedSuccessfully && refusal.Result == Errno.None
            ? base.OpenAsync(context, inode, flags)
            : OpenUnlessRefusedAsync(context, inode, flags, refusal);
    }

    private async ValueTask<Result<OpenedFile>> OpenUnlessRefusedAsync(RequestContext context, ulong inode, OpenFlags flags, ValueTask<Errno> refusal)
        => await refusal.ConfigureAwait(false) is Errno errno and not Errno.None
            ? errno
            : await base.OpenAsync(context, inode, flags).ConfigureAwait(false);

    public override async ValueTask DisposeAsync()
    {
        content.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        => content.ReadAsync(context, node, offset, count, destination);

    protected override async ValueTask<Result<ReadOnlyMemory<byte>>> ReadTargetAsync(RequestContext context, int node)
    {
        long size = Tree.GetSize(node);
        if (size is 0 or > MaxTarget)
        {
            return Errno.EIO;
        }
        ArrayPayloadWriter target = new((int)size);
        Errno errno = await content.ReadAsync(context, node, 0, (int)size, target).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            return errno;
        }
        return target.Content.Span.Contains((byte)0) ? Errno.EIO : target.Content;
    }
}
