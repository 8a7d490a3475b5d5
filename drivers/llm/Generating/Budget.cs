using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Generating;

/// <summary>
/// What a share may still spend. It begins with what the world's journal says was spent, so a restart wins nothing. Tokens are known after a
/// call only: as many calls as run at once may pass the bound together, and none after them.
/// </summary>
internal sealed class Budget
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Queue<(DateTimeOffset Time, Usage Usage)> _recent;
    private readonly Limits _limits;
    private readonly TimeProvider _clock;
    private readonly DriverLog _log;
    private readonly string _source;
    private readonly Lock _gate = new();
    private Usage _total;
    private bool _hasRefused;

    public Budget(Limits limits, Spending spent, TimeProvider clock, DriverLog log, string source)
    {
        _limits = limits;
        _clock = clock;
        _log = log;
        _source = source;
        _total = spent.Total;
        _recent = new(spent.GetRecent(clock.GetUtcNow()));
    }

    /// <summary>What was spent in all.</summary>
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

    /// <summary>What was spent in the last hour.</summary>
    public Usage LastHour
    {
        get
        {
            lock (_gate)
            {
                return Sum();
            }
        }
    }

    /// <summary>Takes one call; false if there is none left, or no token. Says so once, until there is some again.</summary>
    public bool TryBegin()
    {
        string? reached;
        lock (_gate)
        {
            Usage recent = Sum();
            reached = recent.Calls >= _limits.CallsPerHour ? $"{_limits.CallsPerHour} calls an hour"
                : recent.Tokens >= _limits.TokensPerHour ? $"{_limits.TokensPerHour} tokens an hour"
                : _total.Calls >= _limits.Calls ? $"{_limits.Calls} calls in all"
                : _total.Tokens >= _limits.Tokens ? $"{_limits.Tokens} tokens in all"
                : null;
            if (reached is null)
            {
                _hasRefused = false;
                Add(new Usage(1, 0, 0, 0));
                return true;
            }
            if (_hasRefused)
            {
                return false;
            }
            _hasRefused = true;
        }
        _log.Warning($"{_source}: the budget of {reached} is spent: what is not there yet fails with EDQUOT; what is there stays readable");
        return false;
    }

    /// <summary>Counts the tokens of a call.</summary>
    public void Settle(Usage usage)
    {
        lock (_gate)
        {
            Add(usage with { Calls = 0 });
        }
    }

    private void Add(Usage usage)
    {
        _total += usage;
        _recent.Enqueue((_clock.GetUtcNow(), usage));
    }

    private Usage Sum()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        while (_recent.TryPeek(out (DateTimeOffset Time, Usage) oldest) && now - oldest.Time > Window)
        {
            _recent.Dequeue();
        }
        Usage sum = default;
        foreach ((DateTimeOffset _, Usage usage) in _recent)
        {
            sum += usage;
        }
        return sum;
    }
}
