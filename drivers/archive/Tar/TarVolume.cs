using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A tar's part of a tree.</summary>
internal sealed class TarVolume(TarListing listing, TarContent content, DamageLog damage) : ArchiveVolume(listing)
{
    private readonly TarIndex _index = listing.Index;

    public override bool HasHoles => _index.HasMaps;

    public override ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        if (_index.IsDamaged(node))
        {
            return Refuse(node, "it is damaged");
        }
        return _index.GetMap(node) is SparseMap map
            ? ReadSparseAsync(context, node, map, offset, count, destination)
            : ReadStored(context, node, offset, count, destination);
    }

    public override SparseMap? GetHoles(int node) => _index.GetMap(node);

    public override ByteSource? OpenMember(int node, MemberDetails details)
    {
        long start = _index.GetStart(node);
        long size = Tree.GetSize(node);
        bool isWhole = start >= 0 && !_index.IsDamaged(node) && _index.GetMap(node) is null && size <= _index.End - start;
        return isWhole ? new SliceSource(content.OpenBytes(details.Cursors), start, size, details.Path, details.ModificationTime) : null;
    }

    public override void Dispose() => content.Dispose();

    private ValueTask<Errno> ReadStored(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        long start = _index.GetStart(node);
        // A size may be any number: nothing is added to the offset before it is known to be small.
        return start < 0 || offset > _index.End - start - count
            ? Refuse(node, "the archive is cut off in it")
            : content.ReadAsync(context, start + offset, count, destination);
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
        damage.Report(node, Tree.GetName(node), reason);
        return new(Errno.EIO);
    }
}
