namespace Kaleidofs.Drivers.S3.Reading;

/// <summary>
/// Tells from the reads of one handle how far to read ahead: nothing for reads here and there, and twice as far with each that goes on where
/// the last ended. The kernel sends several at once, in any order, so one that is near counts as the next.
/// </summary>
internal sealed class ReadPattern
{
    private const long First = 1 << 20;
    private const long Near = 1 << 20;
    private const long MaxPart = 8 << 20;

    private readonly Lock _lock = new();
    private long _next;
    private long _frontier;
    private long _window;
    private int _streak;

    /// <summary>Notes a read.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="count">Its length in bytes.</param>
    /// <param name="maxWindow">The farthest that may be read ahead.</param>
    /// <param name="isAhead">Whether something behind it was read ahead.</param>
    /// <returns>Whether more may be wanted than was read.</returns>
    public bool Note(long offset, int count, long maxWindow, out bool isAhead)
    {
        lock (_lock)
        {
            long end = offset + count;
            if (Math.Abs(offset - _next) <= Near && (_next > 0 || offset == 0))
            {
                _streak++;
                _next = Math.Max(_next, end);
                // The first read tells nothing, even of a file's beginning.
                _window = _streak < 2 ? 0 : Math.Min(Math.Max(_window * 2, First), maxWindow);
            }
            else
            {
                (_streak, _window, _next, _frontier) = (0, 0, end, end);
            }
            isAhead = _frontier > _next;
            _frontier = Math.Max(_frontier, _next);
            return _window > 0;
        }
    }

    /// <summary>The next part to be read ahead, if the window is not yet full. It ends with a block.</summary>
    public bool TryTake(ReadAheadBudget budget, long size, out long offset, out long length)
    {
        lock (_lock)
        {
            long part = Math.Clamp(_window / 4, ContentReader.BlockSize * 4, MaxPart);
            offset = _frontier / ContentReader.BlockSize * ContentReader.BlockSize;
            length = Math.Min(part, size - offset);
            if (length <= 0 || _frontier >= size || offset + (length / 2) > _next + _window || !budget.TryTake(length))
            {
                return false;
            }
            _frontier = offset + length;
            return true;
        }
    }
}
