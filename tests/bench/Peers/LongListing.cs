using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Servers;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>A directory of a million keys, listed through a mount: the time, and what the process remembers of each name.</summary>
internal static class LongListing
{
    public static int Run(int keys, int runs)
    {
        Daemon.BuildKaleidofs();
        Environment.SetEnvironmentVariable("KALEIDOFS_NO_BUILD", "1");
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", RadosGateway.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", RadosGateway.SecretKey);
        Console.WriteLine("keys       first, ms  all, s  requests  processor, s  bytes a key");
        for (int run = 0; run < runs; run++)
        {
            using ListingServer server = new(keys);
            ArchiveMounter mounter = new("kaleidofs", (bucket, place, folder) =>
                [Repository.At("kaleidofs"), "mount", $"s3://{bucket}", place, "-o", $"endpoint={server.Endpoint},staging={folder},ttl=600"], _ => true);
            using MountedArchive mounted = new(mounter, "bench");
            double before = mounted.ResidentMegabytes;
            double processor = mounted.ProcessorSeconds;
            double first = 0;
            int count = 0;
            long start = Stopwatch.GetTimestamp();
            foreach (string _ in Directory.EnumerateFileSystemEntries(mounted.Place))
            {
                if (count++ == 0)
                {
                    first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }
            }
            double all = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (count != keys)
            {
                Console.Error.WriteLine($"bench: {count} names were listed");
                return 1;
            }
            double bytes = (mounted.ResidentMegabytes - before) * (1 << 20) / keys;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{keys,-9} {first,10:F0} {all,7:F1} {server.Lists,9} {mounted.ProcessorSeconds - processor,13:F1} {bytes,12:F0}"));
        }
        return 0;
    }
}
