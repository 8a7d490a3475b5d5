using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A tar's part of a tree.</summary>
internal sealed class TarVolume(EntryBuilder entries, string identity, TarIndex index, TarContent content, DamageLog damage)
    : ArchiveVolume(entries.First, identity)
{
    private readonly Tree _tree = entries.Tree.Tree;

    public override bool HasHoles => index.HasMaps;

    public override ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        if (index.IsDamaged(node))
        {
            return Refuse(node, "its headers are damaged");
        }
        return index.GetMap(node) is SparseMap map
            ? ReadSparseAsync(context, node, map, offset, count, destination)
            : ReadStored(context, node, offset, count, destination);
    }

    public override SparseMap? GetHoles(int node) => index.GetMap(node);

    public override ByteSource? OpenMember(int node, MemberDetails details)
    {
        long start = index.GetStart(node);
        long size = _tree.GetSize(node);
        bool isWhole = !index.IsDamaged(node) && index.GetMap(node) is null && size <= index.End - start;
        return isWhole ? new SliceSource(content.OpenBytes(details.Cursors), start, size, details.Path, details.ModificationTime) : null;
    }

    public override void Dispose() => content.Dispose();

    private ValueTask<Errno> ReadStored(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        long start = index.GetStart(node);
        // A size may be any number: nothing is added to the offset before it is known to be small.
        return offset > index.End - start - count
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
        damage.Report(node, _tree.GetName(node), reason);
        return new(Errno.EIO);
    }
}
