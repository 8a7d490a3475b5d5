using System.Buffers;
using System.Diagnostics;
using Kaleidofs.Drivers.Llm.Authors;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Generating;

/// <summary>
/// Appends content to the journal as it comes, in pieces: the first at once, for whoever waits, then as many as a disk takes without being
/// slower than a model. What is cut off by a crash is gone on with, so the bytes that somebody read stay.
/// </summary>
internal sealed class JournalSink(World world, WorldNode file, uint generation, long start, int maxBytes, Flight flight) : ContentSink
{
    private const int PieceLength = 4 << 10;
    private static readonly TimeSpan PieceTime = TimeSpan.FromMilliseconds(200);

    private readonly ArrayBufferWriter<byte> _pending = new(PieceLength);
    private long _last;
    private long _length = start;

    /// <inheritdoc/>
    public override async ValueTask<Errno> AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        int count = (int)Math.Clamp(maxBytes - _length, 0, content.Length);
        bool isTooLong = count < content.Length;
        _pending.Write(content.Span[..count]);
        _length += count;
        bool isDue = isTooLong || _pending.WrittenCount >= PieceLength || _last == 0 || Stopwatch.GetElapsedTime(_last) >= PieceTime;
        Errno errno = isDue ? await KeepAsync(provenance: null).ConfigureAwait(false) : Errno.None;
        return errno != Errno.None ? errno : isTooLong ? Errno.EDQUOT : Errno.None;
    }

    /// <summary>What was appended is all.</summary>
    public ValueTask<Errno> FinishAsync(Provenance provenance) => KeepAsync(provenance);

    private async ValueTask<Errno> KeepAsync(Provenance? provenance)
    {
        byte[] piece = _pending.WrittenSpan.ToArray();
        _pending.ResetWrittenCount();
        _last = Stopwatch.GetTimestamp();
        Errno errno = await world.ChangeAsync(records =>
        {
            if (file.Generation != generation || file.IsGone)
            {
                return Errno.EINTR;
            }
            if (piece.Length > 0)
            {
                records.AddPiece(file.Inode, generation, piece);
            }
            if (provenance is not null)
            {
                records.AddFinished(file.Inode, generation, provenance);
            }
            return Errno.None;
        }, isDurable: true).ConfigureAwait(false);
        flight.Advance();
        return errno;
    }
}
