using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>The part of a tree that an archive has whose files each stand in it as they are, at one place or a few.</summary>
internal sealed class RangeVolume(RangeListing listing, RangeContent content, RangeSums sums, DamageLog damage) : ArchiveVolume(listing)
{
    private readonly RangeIndex _index = listing.Index;

    public override ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        if (_index.GetRefusal(node) is RangeRefusal refusal)
        {
            return new(Refuse(node, refusal.Reason, refusal.Errno));
        }
        return sums.NeedsCheck(node, Tree.GetSize(node)) ? CheckAndReadAsync(context, node, offset, count, destination)
            : _index.GetPieces(node) is RangePiece[] pieces ? ReadPiecesAsync(context, node, pieces, offset, count, destination)
            : ReadRange(context, node, _index.GetStart(node), offset, count, destination);
    }

    public override ValueTask<Errno> GetRefusalAsync(int node)
        => new(_index.GetRefusal(node) is RangeRefusal refusal ? Refuse(node, refusal.Reason, refusal.Errno) : Errno.None);

    public override ByteSource? OpenMember(int node, MemberDetails details)
    {
        long start = _index.GetStart(node);
        long size = Tree.GetSize(node);
        bool isWhole = _index.GetRefusal(node) is null && _index.GetPieces(node) is null && start >= 0 && size <= _index.End - start
            && (!sums.NeedsCheck(node, size) || Check(node) == Errno.None);
        return isWhole ? new SliceSource(content.Bytes, start, size, details.Path, details.ModificationTime) : null;
    }

    public override void Dispose() => content.Dispose();

    private ValueTask<Errno> ReadRange(RequestContext context, int node, long start, long offset, int count, PayloadWriter destination)
        // A size may be any number: nothing is added to the offset before it is known to be small.
        => start < 0 || offset > _index.End - start - count
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
            : await ReadRange(context, node, _index.GetStart(node), offset, count, destination).ConfigureAwait(false);
    }

    /// <summary>Compares a file's bytes with their sum, on a thread that may wait.</summary>
    private Errno Check(int node)
    {
        long start = _index.GetStart(node);
        long size = Tree.GetSize(node);
        return start < 0 || size > _index.End - start ? Refuse(node, "the archive is cut off in it", Errno.EIO)
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
