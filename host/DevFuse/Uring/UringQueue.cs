using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.DevFuse.Uring;

/// <summary>
/// The requests of one CPU: the kernel takes the queue of the CPU that the caller runs on. It has as many requests
/// under way as the queue has entries, so one whose entries wait for their source gets more of them.
/// </summary>
/// <remarks>
/// The memory is taken page by page as it is used, and the kernel prefers the entry that was used last, so a queue
/// costs what its busiest moment needed, until it is trimmed.
/// </remarks>
internal sealed class UringQueue(int number, int maxPayload) : IDisposable
{
    private readonly List<NativeBuffer> _headers = [];
    private readonly List<NativeBuffer> _payloads = [];

    /// <summary>The queue's number: its CPU's.</summary>
    public ushort Number { get; } = (ushort)number;

    /// <summary>More than these are not under way: a bound on what callers can make us hold.</summary>
    public int MaxCount { get; set; } = 1024;

    /// <summary>Entries that the kernel knows.</summary>
    public int Count { get; private set; }

    /// <summary>Entries whose request waits for its source.</summary>
    public int Waiting { get; set; }

    /// <summary>
    /// Whether there should be more entries, while some are still free: the kernel does not give a new entry to a
    /// request that waits for one already.
    /// </summary>
    public bool IsShort => Waiting * 2 >= Count && Count < MaxCount;

    /// <summary>Makes more entries, numbered from <paramref name="first"/> on.</summary>
    public UringEntry[] Add(UringWorker worker, int first, int count)
    {
        NativeBuffer headers = new((long)count * UringEntry.HeaderRoom);
        _headers.Add(headers);
        NativeBuffer payloads = new((long)count * maxPayload);
        _payloads.Add(payloads);
        UringEntry[] entries = new UringEntry[count];
        for (int i = 0; i < count; i++)
        {
            entries[i] = new UringEntry(worker, this, first + i, headers.Pointer + (i * UringEntry.HeaderRoom), payloads.Pointer + ((nint)i * maxPayload), maxPayload);
        }
        Count += count;
        return entries;
    }

    /// <summary>Gives back the memory of payloads. None is in use: every entry is the kernel's, and empty.</summary>
    public void Trim() => _payloads.ForEach(payloads => payloads.Trim());

    /// <summary>Nothing is in flight, and the ring is closed.</summary>
    public void Dispose()
    {
        _headers.ForEach(headers => headers.Dispose());
        _payloads.ForEach(payloads => payloads.Dispose());
    }
}
