using System.Collections.Concurrent;
using Kaleidofs.Drivers.S3.Reading;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

internal sealed partial class S3FileSystem
{
    private readonly ConcurrentDictionary<ulong, OpenObject> _open = new();
    private ulong _lastOpen;

    /// <inheritdoc/>
    public override async ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
    {
        if ((flags & (OpenFlags.AccessMode | OpenFlags.Truncate)) != 0)
        {
            return Errno.EROFS;
        }
        if (!TryGetNode(inode, out PathNode? node))
        {
            return Errno.ESTALE;
        }
        Result<PathNode> fresh = await RefreshAsync(context, node).ConfigureAwait(false);
        if (!fresh.IsOk)
        {
            return fresh.Errno;
        }
        if (!node.Attributes.IsRegularFile)
        {
            return node.IsDirectory ? Errno.EISDIR : Errno.ELOOP;
        }
        (Attributes attributes, S3State state) = (node.Attributes, (S3State)node.State!);
        string key = GetKey(node);
        OpenObject file = new(key, state.Version, (long)attributes.Size, GetContentNumber(key, state.Version, (long)attributes.Size));
        ulong handle = Interlocked.Increment(ref _lastOpen);
        _open[handle] = file;
        return new OpenedFile(handle, OpenOptions.NoFlush);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return _open.TryGetValue(handle, out OpenObject? file) ? _reader.ReadAsync(context, file, offset, destination) : new(Errno.EBADF);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle)
        => new(_open.TryRemove(handle, out _) ? Errno.None : Errno.EBADF);
}
