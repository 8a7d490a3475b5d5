using System.Buffers;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>
/// One decoder of a stream. It serves what it is asked for in ascending order from where it stands, so that readers who
/// read on side by side cost one pass.
/// </summary>
/// <remarks>The stream's lock guards everything but the cursor, which belongs to the thread that runs <see cref="Start"/>.</remarks>
internal sealed class BlockDecoder(DecodedStream stream, Lock streamLock) : IDisposable
{
    /// <summary>After so many blocks (2 MiB) the thread goes to whoever waits for one: a few serve all of the archive's readers.</summary>
    private const int BlocksPerTurn = 16;

    /// <summary>Of the blocks on the way to a distant one, only the last are kept: it must not push out what others read.</summary>
    private const int KeptOnTheWay = 8;

    private readonly SortedDictionary<long, BlockRequest> _pending = [];
    private StreamCursor? _cursor;
    private int _blocksLeft;
    private bool _isRunning;
    private bool _isDisposed;

    /// <summary>The first block that it has not begun.</summary>
    public long Reaches { get; private set; }

    /// <summary>When it was last asked for something.</summary>
    public long LastUse { get; private set; }

    public int PendingCount => _pending.Count + (_isRunning ? 1 : 0);

    /// <summary>Takes a request, one for each block at a time; true if it now needs a thread to run on.</summary>
    public bool Enqueue(BlockRequest request)
    {
        LastUse = Environment.TickCount64;
        _pending.Add(request.Index, request);
        bool start = !_isRunning;
        _isRunning = true;
        return start;
    }

    /// <summary>Serves requests on a thread that may wait for the disk, turn by turn.</summary>
    public void Start() => _ = stream.Range.File.RunAsync(() =>
    {
        TakeTurn();
        return true;
    });

    private void TakeTurn()
    {
        _blocksLeft = BlocksPerTurn;
        byte[] scratch = ArrayPool<byte>.Shared.Rent(DecodedStream.BlockLength);
        try
        {
            while (TryGetNext(out long target))
            {
                if (_blocksLeft <= 0)
                {
                    Start();
                    return;
                }
                Serve(target, scratch);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        if (!_isRunning)
        {
            _cursor?.Dispose();
            _cursor = null;
        }
    }

    private void Serve(long target, byte[] scratch)
    {
        bool isGood = false;
        try
        {
            isGood = TryDecodeTowards(target, scratch);
        }
        catch (Exception exception)
        {
            // Nobody looks at the turn's own outcome.
            stream.Sink.ReportDamage($"decoding it failed: {exception.Message}");
        }
        if (!isGood)
        {
            FailFrom(target);
        }
    }

    /// <summary>The next block to decode for: the nearest ahead, else the first of all.</summary>
    private bool TryGetNext(out long index)
    {
        lock (streamLock)
        {
            foreach (long candidate in _pending.Keys)
            {
                if (candidate >= Reaches)
                {
                    index = candidate;
                    return true;
                }
            }
            if (_pending.Count > 0)
            {
                index = _pending.Keys.First();
                return true;
            }
            _isRunning = false;
            if (_isDisposed)
            {
                _cursor?.Dispose();
                _cursor = null;
            }
            index = 0;
            return false;
        }
    }

    /// <summary>Decodes block after block, up to the target or to the turn's end.</summary>
    private bool TryDecodeTowards(long target, byte[] scratch)
    {
        if (!TryApproach(target))
        {
            stream.Sink.ReportDamage(Explain());
            return false;
        }
        for (long index = _cursor!.Position / DecodedStream.BlockLength; index <= target && _blocksLeft > 0; index++)
        {
            BlockRequest? request;
            lock (streamLock)
            {
                _pending.Remove(index, out request);
                Reaches = index + 1;
            }
            int length = DecodedStream.GetBlockLength(stream.Length, index);
            Memory<byte> destination = request is not null ? request.Destination : scratch.AsMemory(0, length);
            bool isGood = false;
            try
            {
                isGood = TryDecode(destination.Span, isLast: (index * DecodedStream.BlockLength) + length == stream.Length);
                if (isGood)
                {
                    // Before who asked for it is told: its memory is theirs from then on.
                    stream.Sink.Keep(index, destination.Span);
                }
            }
            finally
            {
                request?.Complete(isGood ? Errno.None : Errno.EIO);
            }
            if (!isGood)
            {
                return false;
            }
            if (request is null && target - index <= KeptOnTheWay)
            {
                stream.Sink.Add(index, destination.Span);
            }
            _blocksLeft--;
        }
        return true;
    }

    /// <summary>Puts the cursor at the beginning of a block, at the target or before it, by the shortest way.</summary>
    private bool TryApproach(long target)
    {
        long wanted = target * DecodedStream.BlockLength;
        SeekPoint point = stream.Points.Find(wanted);
        if (_cursor is not null && _cursor.Position <= wanted && _cursor.Position >= point.Output && _cursor.Position % DecodedStream.BlockLength == 0)
        {
            return true;
        }
        _cursor ??= stream.Codec.Open(stream.Range, stream.Points);
        if (!_cursor.MoveTo(point))
        {
            return false;
        }
        return TrySkipToBlock();
    }

    /// <summary>Seek points stand where the stream has them, not where blocks begin.</summary>
    private bool TrySkipToBlock()
    {
        int skip = (int)((DecodedStream.BlockLength - (_cursor!.Position % DecodedStream.BlockLength)) % DecodedStream.BlockLength);
        byte[] skipped = ArrayPool<byte>.Shared.Rent(Math.Max(skip, 1));
        try
        {
            return _cursor.TryRead(skipped.AsSpan(0, skip), out int count) && count == skip;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(skipped);
        }
    }

    private bool TryDecode(Span<byte> destination, bool isLast)
    {
        if (!_cursor!.TryRead(destination, out int count))
        {
            stream.Sink.ReportDamage(Explain());
            return false;
        }
        bool checksEnd = isLast && stream.ExpectedCrc is not null;
        if (count < destination.Length || (checksEnd && !_cursor.TryReadEnd()))
        {
            stream.Sink.ReportDamage("its size is not what the archive says");
            return false;
        }
        if (checksEnd && _cursor.Crc is uint crc && crc != stream.ExpectedCrc)
        {
            stream.Sink.ReportDamage("its checksum is wrong");
            return false;
        }
        return true;
    }

    private string Explain() => _cursor!.Failure switch
    {
        StreamFailure.Unreadable => "it cannot be read",
        StreamFailure.TooLarge => "it would take too much memory to decode",
        _ => $"its {stream.Codec.Name} data is damaged",
    };

    /// <summary>After an error the cursor is lost; whoever waits for what lies behind would only meet the same.</summary>
    private void FailFrom(long target)
    {
        List<BlockRequest> failed = [];
        lock (streamLock)
        {
            foreach ((long index, BlockRequest request) in _pending)
            {
                if (index >= target)
                {
                    failed.Add(request);
                }
            }
            foreach (BlockRequest request in failed)
            {
                _pending.Remove(request.Index);
            }
            _cursor?.Dispose();
            _cursor = null;
            Reaches = 0;
        }
        foreach (BlockRequest request in failed)
        {
            request.Complete(Errno.EIO);
        }
    }
}
