namespace Kaleidofs.Tests.Fuzz;

/// <summary>What a process holds for its guests: descriptors and mappings of the kinds that a front end brings along, and its memory.</summary>
/// <param name="Descriptors">Sockets, event descriptors and guest memory; a runtime opens and closes other kinds as it likes.</param>
/// <param name="Mappings">Mappings of guest memory.</param>
/// <param name="QueueThreads">Threads of queues and connections; a runtime's own come and go.</param>
/// <param name="Resident">MiB of memory.</param>
internal sealed record ProcessHoldings(int Descriptors, int Mappings, int QueueThreads, long Resident)
{
    private const string GuestMemory = "memfd:guest";
    private const long MemorySlack = 64;

    /// <summary>Of a process by its number, or "self".</summary>
    public static ProcessHoldings Of(string process) => new(
        Directory.EnumerateFiles($"/proc/{process}/fd").Count(IsGuests),
        File.ReadLines($"/proc/{process}/maps").Count(line => line.Contains(GuestMemory, StringComparison.Ordinal)),
        Directory.EnumerateDirectories($"/proc/{process}/task").Count(IsQueues),
        ResidentOf(process));

    /// <summary>Nothing more than before; of memory no more than a heap's ups and downs.</summary>
    public bool IsWithin(ProcessHoldings before)
        => Descriptors <= before.Descriptors && Mappings <= before.Mappings && QueueThreads <= before.QueueThreads && Resident <= before.Resident + MemorySlack;

    /// <summary>A queue's thread is named after its share and number, with a slash between.</summary>
    private static bool IsQueues(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").Contains('/', StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // Ended meanwhile.
            return false;
        }
    }

    private static long ResidentOf(string process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture) >> 10;
    }

    private static bool IsGuests(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, false) is { Name: string target }
                && (target.Contains(GuestMemory, StringComparison.Ordinal) || target.Contains("[event", StringComparison.Ordinal) || target.Contains("socket:[", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return false;
        }
    }
}
