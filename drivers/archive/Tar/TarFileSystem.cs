using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A tar as a filesystem.</summary>
internal sealed class TarFileSystem : TreeFileSystem
{
    /// <summary>The longest target that Linux follows (PATH_MAX without its NUL).</summary>
    public const int MaxTarget = 4095;

    private readonly TarIndex _index;
    private readonly TarContent _content;
    private readonly DamageLog _damage;

    public TarFileSystem(Tree tree, string identity, TarIndex index, TarContent content, DamageLog damage)
        : base(tree, identity)
    {
        _index = index;
        _content = content;
        _damage = damage;
    }

    public override ValueTask<Result<long>> SeekAsync(RequestContext context, ulong inode, ulong handle, long offset, SeekKind kind)
    {
        if (!Tree.TryGetNode(inode, out int node))
        {
            return new(Errno.ESTALE);
        }
        long size = Tree.GetSize(node);
        if (offset < 0 || offset >= size || Tree.IsDirectory(node))
        {
            return new(Errno.ENXIO);
        }
        if (_index.GetMap(node) is not SparseMap map)
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

    public override async ValueTask DisposeAsync()
    {
        _content.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        if (_index.IsDamaged(node))
        {
            return Refuse(node, "its headers are damaged");
        }
        return _index.GetMap(node) is SparseMap map
            ? ReadSparseAsync(context, node, map, offset, count, destination)
            : ReadStored(context, node, offset, count, destination);
    }

    private ValueTask<Errno> ReadStored(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        long start = _index.GetStart(node);
        // A size may be any number: nothing is added to the offset before it is known to be small.
        return offset > _index.End - start - count
            ? Refuse(node, "the archive is cut off in it")
            : _content.ReadAsync(context, start + offset, count, destination);
    }

    private async ValueTask<Errno> ReadSparseAsync(RequestContext context, int node, SparseMap map, long offset, int count, PayloadWriter destination)
    {
        while (count > 0)
        {
            int length = (int)Math.Min(count, map.Find(offset, out bool isData, out long stored));
            if (!isData)
            {
                length = destination.WriteZeros(length);
            }
            else if (await ReadStored(context, node, stored, length, destination).ConfigureAwait(false) is Errno errno and not Errno.None)
            {
                return errno;
            }
            offset += length;
            count -= length;
        }
        return Errno.None;
    }

    private ValueTask<Errno> Refuse(int node, string reason)
    {
        _damage.Report(node, Tree.GetName(node), reason);
        return new(Errno.EIO);
    }
}
