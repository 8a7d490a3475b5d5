namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>
/// Encoded data as blocks that can be asked for in any order, by any number of threads. A few decoders stand at different
/// places of it; each block goes to the one that reaches it soonest, and one after the other is decoded once.
/// </summary>
internal sealed class DecodedStream : IDisposable
{
    /// <summary>The unit of the content cache for decoded data.</summary>
    public const int BlockLength = 128 << 10;

    private readonly Lock _lock = new();
    private readonly List<BlockDecoder> _decoders = [];
    private readonly int _maxDecoders;
    private bool _isDisposed;

    /// <param name="codec">How the data is encoded.</param>
    /// <param name="range">Where it stands.</param>
    /// <param name="length">How many bytes come out of it.</param>
    /// <param name="points">Where decoding can begin.</param>
    /// <param name="sink">Takes the blocks that are decoded on the way to others.</param>
    /// <param name="maxDecoders">How many decoders may stand in it.</param>
    public DecodedStream(Codec codec, ByteRange range, long length, SeekPoints points, IBlockSink sink, int maxDecoders)
    {
        Codec = codec;
        Range = range;
        Length = length;
        Points = points;
        Sink = sink;
        _maxDecoders = maxDecoders;
    }

    public Codec Codec { get; }

    public ByteRange Range { get; }

    public long Length { get; }

    public SeekPoints Points { get; }

    public IBlockSink Sink { get; }

    /// <summary>
    /// The checksum of what comes out: compared when a decoder has come from the first byte to the last, which must be the stream's last,
    /// too. Null for what was checked when its index was made.
    /// </summary>
    public uint? ExpectedCrc { get; init; }

    /// <summary>The length of a block: the last may be shorter.</summary>
    public static int GetBlockLength(long streamLength, long index) => (int)Math.Min(BlockLength, streamLength - (index * BlockLength));

    /// <summary>Decodes a block, on a thread that may wait for the disk.</summary>
    public Task<Errno> ReadBlockAsync(long index, Memory<byte> destination)
    {
        BlockRequest request = new(index, destination);
        lock (_lock)
        {
            if (_isDisposed || index < 0 || index > (Length - 1) / BlockLength)
            {
                return Task.FromResult(Errno.EIO);
            }
            BlockDecoder decoder = Choose(index);
            if (decoder.Enqueue(request))
            {
                decoder.Start();
            }
        }
        return request.Task;
    }

    /// <summary>Ends the decoders: at once those that stand idle, the others when they have done what they were asked for.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (BlockDecoder decoder in _decoders)
            {
                decoder.Dispose();
            }
            _decoders.Clear();
        }
    }

    /// <summary>The decoder with the shortest way to a block; a new one, or one that has nothing to do, if a seek point is nearer.</summary>
    private BlockDecoder Choose(long index)
    {
        long nearestPoint = Points.Find(index * BlockLength).Output / BlockLength;
        BlockDecoder? nearest = null;
        BlockDecoder? idle = null;
        BlockDecoder? leastBusy = null;
        foreach (BlockDecoder decoder in _decoders)
        {
            if (decoder.Reaches <= index && (nearest is null || decoder.Reaches > nearest.Reaches))
            {
                nearest = decoder;
            }
            if (decoder.PendingCount == 0 && (idle is null || decoder.LastUse < idle.LastUse))
            {
                idle = decoder;
            }
            if (leastBusy is null || decoder.PendingCount < leastBusy.PendingCount)
            {
                leastBusy = decoder;
            }
        }
        if (nearest is not null && nearest.Reaches >= nearestPoint)
        {
            return nearest;
        }
        if (_decoders.Count < _maxDecoders)
        {
            BlockDecoder added = new(this, _lock);
            _decoders.Add(added);
            return added;
        }
        return idle ?? nearest ?? leastBusy!;
    }
}
