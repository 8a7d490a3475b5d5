using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Servers;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>A bucket as each program mounts it, beside the SDK alone.</summary>
internal sealed class S3Benchmark(S3BenchOptions options, string server, string kept)
{
    private const string Bucket = "bench";
    private const string Ceiling = "sdk";
    private const int LimitSeconds = 120;

    private static readonly string[] Works = ["list", "random1", "random16", "stream", "create1", "create32", "write", "again"];
    private static readonly string[] LateWorks = ["list", "random1", "random32", "create1", "create32"];

    private static int s_folders;

    public static async Task<int> RunAsync(string[] args)
    {
        if (S3BenchOptions.Parse(args, out int status) is not { } options)
        {
            return status;
        }
        if (options.Only == "million")
        {
            return LongListing.Run(options.Listed, options.Runs);
        }
        CommandResult peers = Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/s3-peers.sh"));
        if (peers.Status != 0)
        {
            Console.Error.WriteLine("bench: the peers and the server could not be had: " + peers.Error);
            return 1;
        }
        Daemon.BuildKaleidofs();
        // Not once for each mount.
        Environment.SetEnvironmentVariable("KALEIDOFS_NO_BUILD", "1");
        using RadosGateway server = new();
        Environment.SetEnvironmentVariable("AWSACCESSKEYID", RadosGateway.AccessKey);
        Environment.SetEnvironmentVariable("AWSSECRETACCESSKEY", RadosGateway.SecretKey);
        // rclone does not start with it, and the server speaks no TLS.
        Environment.SetEnvironmentVariable("AWS_CA_BUNDLE", null);
        using FaultyProxy late = new(server.Endpoint) { Delay = TimeSpan.FromMilliseconds(options.Delay) };
        using TemporaryFolder kept = new();
        using (S3Ceiling preparing = new(server.Endpoint, Bucket))
        {
            await preparing.MakeBucketAsync().ConfigureAwait(false);
            await preparing.PutManyAsync("many/", options.Keys).ConfigureAwait(false);
            await preparing.WriteAsync("large", (long)options.Mebibytes << 20).ConfigureAwait(false);
        }
        await new S3Benchmark(options, server.Endpoint, kept.Path).ShowAsync("", Works).ConfigureAwait(false);
        await new S3Benchmark(options, late.Endpoint, kept.Path).ShowAsync($"+{options.Delay} ms", LateWorks).ConfigureAwait(false);
        return 0;
    }

    private Task ShowAsync(string title, string[] works)
    {
        PeerTable table = new(title, options.Runs, LimitSeconds);
        foreach (ArchiveMounter mounter in Mounters().Where(mounter => mounter.IsInstalled && IsWanted(mounter.Name)))
        {
            table.Add(mounter.Name, work => Task.FromResult(Measure(mounter, work)));
        }
        if (IsWanted(Ceiling))
        {
            table.Add(Ceiling, async work => new Figure(await MeasureCeilingAsync(work).ConfigureAwait(false), null));
        }
        return table.ShowAsync(works.Where(work => work.StartsWith(options.Only, StringComparison.Ordinal)));
    }

    private bool IsWanted(string name) => options.Contender.Length == 0 || options.Contender == name;

    private IEnumerable<ArchiveMounter> Mounters() =>
    [
        new("kaleidofs", (bucket, place, folder) =>
            [Repository.At("kaleidofs"), "mount", $"s3://{bucket}", place, "-o", $"endpoint={server},staging={folder}"], _ => true),
        new("s3fs", (bucket, place, _) => ["s3fs", bucket, place, "-f", "-o", $"url={server},use_path_request_style"], _ => true),
        new("rclone", (bucket, place, _) =>
            ["rclone", "mount", $":s3:{bucket}", place, "--config", "/dev/null", "--s3-provider", "Ceph", "--s3-endpoint", server, "--s3-env-auth", "--s3-region", "us-east-1"], _ => true),
    ];

    private Figure Measure(ArchiveMounter mounter, string work)
    {
        if (work == "again")
        {
            return ReadAgain(mounter);
        }
        // A cache on disk of its own: what another run has left there would be no work.
        using TemporaryFolder blocks = new();
        using MountedArchive mounted = new(KeepingIn(mounter, blocks.Path), Bucket);
        string at(string name) => Path.Combine(mounted.Place, name);
        double before = mounted.ProcessorSeconds;
        double? value = work switch
        {
            "list" => mounted.Time($"test \"$(ls -l \"$1/many\" | wc -l)\" = {options.Keys + 1}", LimitSeconds),
            "random1" => MountedWorks.ReadRandom(at("large"), 1, options.Seconds),
            "random16" => MountedWorks.ReadRandom(at("large"), 16, options.Seconds),
            "random32" => MountedWorks.ReadRandom(at("large"), 32, options.Seconds),
            "stream" => mounted.Time("exec dd if=\"$1/large\" of=/dev/null bs=1M status=none", LimitSeconds),
            "create1" => MountedWorks.Create(at($"made-{mounter.Name}-{++s_folders}"), 1, options.Seconds),
            "create32" => MountedWorks.Create(at($"made-{mounter.Name}-{++s_folders}"), 32, options.Seconds),
            "write" => mounted.Time($"exec dd if=/dev/zero of=\"$1/written\" bs=1M count={options.Mebibytes / 2} conv=fsync status=none", LimitSeconds),
            _ => throw new ArgumentOutOfRangeException(nameof(work)),
        };
        double processor = mounted.ProcessorSeconds - before;
        return new Figure(value, value is { } rate && IsRate(work) ? processor * 1000 / (rate * options.Seconds) : processor);
    }

    private static bool IsRate(string work) => work.StartsWith("random", StringComparison.Ordinal) || work.StartsWith("create", StringComparison.Ordinal);

    /// <summary>A process reads all; then another does, that may have what the first has left on disk.</summary>
    private Figure ReadAgain(ArchiveMounter mounter)
    {
        ArchiveMounter keeping = KeepingIn(mounter, kept);
        using (MountedArchive first = new(keeping, Bucket))
        {
            first.Time("exec dd if=\"$1/large\" of=/dev/null bs=1M status=none", LimitSeconds);
        }
        using MountedArchive second = new(keeping, Bucket);
        double before = second.ProcessorSeconds;
        double? seconds = second.Time("exec dd if=\"$1/large\" of=/dev/null bs=1M status=none", LimitSeconds);
        return new Figure(seconds, second.ProcessorSeconds - before);
    }

    private static ArchiveMounter KeepingIn(ArchiveMounter mounter, string folder)
        => mounter.Name == "kaleidofs" ? mounter with { Command = (bucket, place, staging) => [.. mounter.Command(bucket, place, staging), "--disk-cache-dir", folder] } : mounter;

    private async Task<double?> MeasureCeilingAsync(string work)
    {
        using S3Ceiling sdk = new(server, Bucket);
        long size = (long)options.Mebibytes << 20;
        return work switch
        {
            "list" => await sdk.ListAsync("many/", options.Keys).ConfigureAwait(false),
            "random1" => await sdk.ReadRandomAsync("large", size, 1, options.Seconds).ConfigureAwait(false),
            "random16" => await sdk.ReadRandomAsync("large", size, 16, options.Seconds).ConfigureAwait(false),
            "random32" => await sdk.ReadRandomAsync("large", size, 32, options.Seconds).ConfigureAwait(false),
            "stream" or "again" => await sdk.StreamAsync("large", size).ConfigureAwait(false),
            "create1" => await sdk.CreateAsync($"made-{++s_folders}/", 1, options.Seconds).ConfigureAwait(false),
            "create32" => await sdk.CreateAsync($"made-{++s_folders}/", 32, options.Seconds).ConfigureAwait(false),
            _ => await sdk.WriteAsync("written", size / 2).ConfigureAwait(false),
        };
    }
}
