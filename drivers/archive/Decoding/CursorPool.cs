namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Cursors that nobody uses at the moment, of all streams that archives are read from: so many, whatever the number of archives. For all threads.</summary>
internal sealed class CursorPool : IDisposable
{
    /// <summary>Each has a decoder's window and a block: some 300 KB.</summary>
    private const int MaxIdle = 32;

    private readonly Lock _lock = new();
    // The most recently used last.
    private readonly List<BlockCursor> _idle = [];
    private bool _isDisposed;

    /// <summary>The cursor with the shortest way to a block: one that waits, or a new one.</summary>
    public BlockCursor Take(DecodedStream stream, long index)
    {
        lock (_lock)
        {
            int best = -1;
            for (int i = 0; i < _idle.Count; i++)
            {
                BlockCursor candidate = _idle[i];
                if (candidate.Stream != stream)
                {
                    continue;
                }
                if (candidate.Index == index)
                {
                    best = i;
                    break;
                }
                // One that must go back serves as well as a new one.
                if (best < 0 || IsNearer(candidate, _idle[best], index * DecodedStream.BlockLength))
                {
                    best = i;
                }
            }
            if (best >= 0)
            {
                BlockCursor taken = _idle[best];
                _idle.RemoveAt(best);
                return taken;
            }
        }
        return new BlockCursor(stream);
    }

    /// <summary>Takes a cursor back.</summary>
    public void Return(BlockCursor cursor)
    {
        BlockCursor? surplus = null;
        lock (_lock)
        {
            if (_isDisposed)
            {
                surplus = cursor;
            }
            else
            {
                _idle.Add(cursor);
                if (_idle.Count > MaxIdle)
                {
                    surplus = _idle[0];
                    _idle.RemoveAt(0);
                }
            }
        }
        surplus?.Dispose();
    }

    /// <summary>Ends the cursors of a stream that nobody reads any more.</summary>
    public void Drop(DecodedStream stream) => Remove(cursor => cursor.Stream == stream);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }
        Remove(_ => true);
    }

    private static bool IsNearer(BlockCursor candidate, BlockCursor best, long wanted)
        => candidate.Position <= wanted && (best.Position > wanted || candidate.Position > best.Position);

    private void Remove(Predicate<BlockCursor> isUnwanted)
    {
        List<BlockCursor> removed;
        lock (_lock)
        {
            removed = _idle.FindAll(isUnwanted);
            _idle.RemoveAll(isUnwanted);
        }
        removed.ForEach(cursor => cursor.Dispose());
    }
}
