namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>What a world has cost so far, as its journal says.</summary>
internal sealed class Spending
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Queue<(DateTimeOffset Time, Usage Usage)> _recent = new();
    private readonly Lock _gate = new();

    private Usage _total;

    /// <summary>All of it.</summary>
    public Usage Total
    {
        get
        {
            lock (_gate)
            {
                return _total;
            }
        }
    }

    public void Add(DateTimeOffset time, Usage usage)
    {
        if (usage == default)
        {
            return;
        }
        lock (_gate)
        {
            _total += usage;
            _recent.Enqueue((time, usage));
            Trim(time);
        }
    }

    /// <summary>What was spent in the last hour.</summary>
    public IReadOnlyList<(DateTimeOffset Time, Usage Usage)> GetRecent(DateTimeOffset now)
    {
        lock (_gate)
        {
            Trim(now);
            return [.. _recent];
        }
    }

    private void Trim(DateTimeOffset now)
    {
        while (_recent.TryPeek(out (DateTimeOffset Time, Usage) oldest) && now - oldest.Time > Window)
        {
            _recent.Dequeue();
        }
    }
}
