namespace Kaleidofs.Engine;

/// <summary>An amount that many threads take from and give back to, and never more than there is.</summary>
internal sealed class Allowance(long limit)
{
    private long _taken;

    public bool TryTake(long amount)
    {
        if (Interlocked.Add(ref _taken, amount) <= limit)
        {
            return true;
        }
        GiveBack(amount);
        return false;
    }

    public void GiveBack(long amount) => Interlocked.Add(ref _taken, -amount);
}
