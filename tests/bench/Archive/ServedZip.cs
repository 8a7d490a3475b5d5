using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Archive;

/// <summary>One start of a host that serves an archive.</summary>
/// <param name="Seconds">From the start until its socket is there.</param>
/// <param name="ResidentMegabytes">VmRSS then.</param>
/// <param name="MostMegabytes">VmHWM then.</param>
internal sealed record ServedZip(double Seconds, double ResidentMegabytes, double MostMegabytes)
{
    public static ServedZip Measure(string zip, TemporaryFolder folder, params IEnumerable<string> options)
    {
        string socket = folder.At("million.sock");
        File.Delete(socket);
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(Repository.At("kaleidofs"), ["serve", zip, "--socket-path", socket, .. options]) { RedirectStandardError = true })!;
        try
        {
            while (!File.Exists(socket))
            {
                if (process.WaitForExit(1))
                {
                    throw new InvalidOperationException($"kaleidofs ended with status {process.ExitCode}: {process.StandardError.ReadToEnd()}");
                }
            }
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            string[] status = File.ReadAllLines($"/proc/{process.Id}/status");
            return new ServedZip(seconds, Read(status, "VmRSS:"), Read(status, "VmHWM:"));
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private static double Read(string[] status, string field)
    {
        string line = status.First(line => line.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
