using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.DevFuse.Uring;

/// <summary>
/// What FUSE over io_uring takes that can be had before there is a mount. Once INIT has agreed on it the kernel holds
/// back every caller until all queues are there, so whatever can fail must fail before.
/// </summary>
internal sealed class UringSetup : IDisposable
{
    private const string Switch = "/sys/module/fuse/parameters/enable_uring";
    private const int LeastDepth = 4;
    private const int MostDepth = 32;

    /// <summary>How many requests a mount can have under way at first, on however many CPUs.</summary>
    private const int EntriesOfMount = 128;

    private readonly IoUring[] _rings;
    private readonly int _cpus;
    private bool _isUsed;

    private UringSetup(IoUring[] rings, int cpus)
    {
        _rings = rings;
        _cpus = cpus;
    }

    /// <summary>Makes the rings of so many threads, or fewer if there are fewer CPUs; null with the reason if that cannot be.</summary>
    public static UringSetup? TryCreate(int threads, out string? reason)
    {
        List<IoUring> rings = [];
        try
        {
            if (File.ReadAllText(Switch).Trim() != "Y")
            {
                reason = $"it is switched off in the kernel (echo Y >{Switch})";
                return null;
            }
            int cpus = PossibleCpus.Count();
            for (int i = 0; i < Math.Min(threads, cpus); i++)
            {
                rings.Add(new IoUring());
            }
            reason = null;
            return new UringSetup([.. rings], cpus);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            rings.ForEach(ring => ring.Dispose());
            reason = exception is FileNotFoundException or DirectoryNotFoundException
                ? "the kernel does not have it (since Linux 6.14)"
                : exception.Message;
            return null;
        }
    }

    /// <summary>The threads, which take the rings; each serves the queues of the CPUs that are left by dividing.</summary>
    public UringWorker[] CreateWorkers(FuseSession session, FileDescriptor device, int maxPayload, DriverLog log)
    {
        _isUsed = true;
        int depth = Math.Clamp(EntriesOfMount / _cpus, LeastDepth, MostDepth);
        return [.. _rings.Select((ring, index) =>
        {
            UringQueue[] queues = [.. Enumerable.Range(0, _cpus).Where(cpu => cpu % _rings.Length == index).Select(cpu => new UringQueue(cpu, maxPayload))];
            return new UringWorker(session, ring, device, queues, depth, index, log);
        })];
    }

    /// <summary>Closes the rings, unless there are workers that own them.</summary>
    public void Dispose()
    {
        if (!_isUsed)
        {
            Array.ForEach(_rings, ring => ring.Dispose());
        }
    }
}
