using System.Globalization;

namespace Kaleidofs.Tests.Bench.Hosting;

/// <summary>What /proc tells of a process.</summary>
internal sealed record ProcessStatus(long ResidentKilobytes, int Threads, int Descriptors)
{
    public static ProcessStatus Of(int processId)
    {
        string[] status = File.ReadAllLines($"/proc/{processId}/status");
        return new ProcessStatus(Number(status, "VmRSS:"), (int)Number(status, "Threads:"), Directory.GetFileSystemEntries($"/proc/{processId}/fd").Length);
    }

    private static long Number(string[] status, string field)
        => long.Parse(status.First(line => line.StartsWith(field, StringComparison.Ordinal)).Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
