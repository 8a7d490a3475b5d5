namespace Kaleidofs.Drivers.S3.Reading;

/// <summary>Memory for what is read ahead of anybody's wish, for all open files together.</summary>
/// <param name="total">Its bytes.</param>
internal sealed class ReadAheadBudget(long total)
{
    private long _free = total;

    /// <summary>The most that one file may have under way.</summary>
    public long MaxWindow { get; } = total / 2;

    /// <summary>What is not in use.</summary>
    public long Free => Interlocked.Read(ref _free);

    public bool TryTake(long bytes)
    {
        long seen = Interlocked.Read(ref _free);
        while (seen >= bytes)
        {
            long before = Interlocked.CompareExchange(ref _free, seen - bytes, seen);
            if (before == seen)
            {
                return true;
            }
            seen = before;
        }
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _free, bytes);
}
