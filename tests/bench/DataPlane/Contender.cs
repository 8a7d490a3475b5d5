namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>A daemon that is measured beside the others, started when it is first needed.</summary>
internal sealed class Contender : IDisposable
{
    private readonly Func<Daemon> _start;
    private Daemon? _daemon;

    public Contender(string name, Func<Daemon> start)
    {
        Name = name;
        _start = start;
    }

    public string Name { get; }

    /// <summary>The most request queues that it has.</summary>
    public int MaxQueues { get; init; } = int.MaxValue;

    /// <summary>Whether it ends with its connection.</summary>
    public bool ServesOneConnection { get; init; }

    public CaseResult Measure(Workload workload, int queues, int depth, TimeSpan warmup, DataPlaneOptions options)
    {
        _daemon ??= _start();
        CaseResult result = DataPlaneCase.Run(_daemon, workload, queues, depth, warmup, options);
        if (ServesOneConnection)
        {
            Dispose();
        }
        return result;
    }

    public void Dispose()
    {
        _daemon?.Dispose();
        _daemon = null;
    }
}
