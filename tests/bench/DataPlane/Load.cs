using Kaleidofs.Diagnostics;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>A front end at work: a connection of its own, a thread a queue, every queue kept full.</summary>
internal sealed class Load : IDisposable
{
    private readonly GuestRam _ram;
    private readonly FrontEnd _frontEnd;
    private readonly List<DriverRing> _rings = [];
    private readonly QueueDriver[] _drivers;
    private readonly Thread[] _threads;

    private Load(string socketPath, Workload workload, int queues, int depth, int? cpu, FrontEndOptions options)
    {
        ulong slotSize = (ulong)workload.Payload + 16 * 1024;
        _ram = new GuestRam((ulong)(queues * depth) * slotSize + (ulong)queues * 128 * 1024 + (1 << 20));
        _frontEnd = FrontEnd.Connect(socketPath);
        FrontEndFeatures features = _frontEnd.Start(_ram, options);
        if (features.Queues < queues + 1)
        {
            throw new IOException($"the daemon has {features.Queues - 1} request queues");
        }
        for (int i = 0; i < queues; i++)
        {
            DriverRing ring = DriverRing.Create(_ram, options, i + 1, depth, workload.Payload);
            _rings.Add(ring);
            _frontEnd.StartQueue(ring);
        }
        FuseClient[] clients = [.. _rings.Select(ring => new FuseClient(ring))];
        clients[0].Initialize();
        ulong[] files = workload.FindFiles(clients[0]);
        for (int i = 0; i < queues; i++)
        {
            workload.Prepare(_rings[i], clients[i], files[0]);
        }
        _drivers = [.. _rings.Select((ring, index) => new QueueDriver(ring, workload, files, first: files.Length / queues * index))];
        _threads = [.. _drivers.Select((driver, index) => new Thread(() =>
        {
            if (cpu is { } number)
            {
                Affinity.Pin(number);
            }
            driver.Run();
        }) { Name = $"front end {index}" })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    public long Operations => _drivers.Sum(driver => driver.Operations);

    public static Load Start(string socketPath, Workload workload, int queues, int depth, int? cpu = null, FrontEndOptions? options = null)
        => new(socketPath, workload, queues, depth, cpu, options ?? new FrontEndOptions { QueueSize = 1024 });

    /// <summary>Counts what is asked from now on.</summary>
    public void StartCounting() => Array.ForEach(_drivers, driver => driver.StartCounting());

    /// <summary>Counts no more of what is answered.</summary>
    public void StopCounting() => Array.ForEach(_drivers, driver => driver.StopCounting());

    /// <summary>Ends once everything is answered.</summary>
    /// <returns>How long the counted requests took.</returns>
    public LatencyHistogram Stop()
    {
        Array.ForEach(_drivers, driver => driver.Stop());
        Array.ForEach(_threads, thread => thread.Join());
        LatencyHistogram all = new(QueueDriver.LatencyPrecision);
        foreach (QueueDriver driver in _drivers)
        {
            if (driver.Failures > 0)
            {
                throw new IOException($"{driver.Failures} requests failed, the last with {driver.LastError}");
            }
            all.Add(driver.Latencies);
        }
        return all;
    }

    public void Dispose()
    {
        if (_threads[0].IsAlive)
        {
            Stop();
        }
        foreach (DriverRing ring in _rings)
        {
            _frontEnd.StopQueue(ring.Index);
            ring.Dispose();
        }
        _frontEnd.Dispose();
        _ram.Dispose();
    }
}
