using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Indexing;

namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>The part of a tree that an archive has whose files each stand in it as they are, at one place or a few.</summary>
internal sealed class RangeVolume(ArchiveListing listing, RangeIndex index, RangeContent content, RangeSums sums, DamageLog damage) : ArchiveVolume(listing)
{
    public override ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        if (index.GetRefusal(node) is RangeRefusal refusal)
        {
            return new(Refuse(node, refusal.Reason, refusal.Errno));
        }
        return sums.NeedsCheck(node, Tree.GetSize(node)) ? CheckAndReadAsync(context, node, offset, count, destination)
            : index.GetPieces(node) is RangePiece[] pieces ? ReadPiecesAsync(context, node, pieces, offset, count, destination)
            : ReadRange(context, node, index.GetStart(node), offset, count, destination);
    }

    public override ValueTask<Errno> GetRefusalAsync(int node)
        => new(index.GetRefusal(node) is RangeRefusal refusal ? Refuse(node, refusal.Reason, refusal.Errno) : Errno.None);

    public override ByteSource? OpenMember(int node, MemberDetails details)
    {
        long start = index.GetStart(node);
        long size = Tree.GetSize(node);
        bool isWhole = index.GetRefusal(node) is null && index.GetPieces(node) is null && size <= index.End - start
            && (!sums.NeedsCheck(node, size) || Check(node) == Errno.None);
        return isWhole ? new SliceSource(content.Bytes, start, size, details.Path, details.ModificationTime) : null;
    }

    public override void Dispose() => content.Dispose();

    private ValueTask<Errno> ReadRange(RequestContext context, int node, long start, long offset, int count, PayloadWriter destination)
        // A size may be any number: nothing is added to the offset before it is known to be small.
        => offset > index.End - start - count
            ? new(Refuse(node, "the archive is cut off in it", Errno.EIO))
            : content.ReadAsync(context, start + offset, count, destination);

    private async ValueTask<Errno> ReadPiecesAsync(RequestContext context, int node, RangePiece[] pieces, long offset, int count, PayloadWriter destination)
    {
        long pieceStart = 0;
        foreach (RangePiece piece in pieces)
        {
            long within = offset - pieceStart;
            pieceStart += piece.Length;
            if (count == 0 || within >= piece.Length)
            {
                continue;
            }
            int length = (int)Math.Min(count, piece.Length - within);
            if (await ReadRange(context, node, piece.Start, within, length, destination).ConfigureAwait(false) is Errno errno and not Errno.None)
            {
                return errno;
            }
            offset += length;
            count -= length;
        }
        return count == 0 ? Errno.None : Errno.EIO;
    }

    private async ValueTask<Errno> CheckAndReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        Errno errno = await content.Bytes.RunAsync(() => Check(node)).ConfigureAwait(false);
        return errno != Errno.None ? errno
            : context.CancellationToken.IsCancellationRequested ? Errno.EINTR
            : await ReadRange(context, node, index.GetStart(node), offset, count, destination).ConfigureAwait(false);
    }

    /// <summary>Compares a file's bytes with their sum, on a thread that may wait.</summary>
    private Errno Check(int node)
    {
        long start = index.GetStart(node);
        long size = Tree.GetSize(node);
        return size > index.End - start ? Refuse(node, "the archive is cut off in it", Errno.EIO)
            : sums.Compare(content.Bytes, node, start, size) ? Errno.None
            : sums.IsWrong(node) ? Refuse(node, "its checksum is wrong", Errno.EIO)
            : Errno.EIO;
    }

    private Errno Refuse(int node, string reason, Errno errno)
    {
        damage.Report(node, Tree.GetName(node), reason);
        return errno;
    }
}
