using Kaleidofs.Tests.Posix;
using Kaleidofs.Tests.Vm.Posix;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>The table of POSIX cases, run once through /dev/fuse on a bucket that tar has filled through a mount.</summary>
public sealed class PosixMount(RadosGateway server) : IAsyncLifetime
{
    /// <summary>What S3, or this driver, cannot have; each with its reason.</summary>
    public static IReadOnlyDictionary<string, string> Impossible { get; } = new Dictionary<string, string>
    {
        ["hard links: one inode, three names, one content"] = "an object has one key",
        ["stat: a FIFO and a device are what they are"] = "objects are files, links or directories",
        ["lookup: names that are no UTF-8 are found"] = "keys are UTF-8",
        ["readdir: names that are no UTF-8 arrive byte for byte"] = "keys are UTF-8",
        ["getxattr: a value of 4,000 bytes"] = "all metadata of an object has 2 KB",
        ["stat: a sparse file takes fewer blocks than its size"] = "objects have no holes",
        ["lseek: the data and holes of a sparse file"] = "objects have no holes",
        ["lseek: a walk by data and holes finds every extent"] = "objects have no holes",
        ["stat: a size above 4 GiB"] = "the server has its objects in memory, and without holes",
        ["pread: beyond 4 GiB"] = "the server has its objects in memory, and without holes",
        ["pread: a hole is zeros, up to its edges"] = "the server has its objects in memory, and without holes",
        ["mmap: beyond 4 GiB"] = "the server has its objects in memory, and without holes",
    };

    /// <summary>All others.</summary>
    public static TheoryData<string> Possible => [.. PosixCases.All.Keys.Except(Impossible.Keys)];

    /// <summary>A listing does not tell modes, and the kernel believes for a time what it tells: these hold if it is not to be believed.</summary>
    private static readonly string[] Exact = ["permissions: another user reads what the mode allows and nothing else"];

    private PosixReport? _report;

    public async Task InitializeAsync()
    {
        if (server.Missing is null && HostProcess.MountMissing is null && Environment.UserName == "root")
        {
            _report = await RunAsync();
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Fails unless the case was kept.</summary>
    public void Expect(string name)
    {
        Skip.If(server.Missing is not null, server.Missing);
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        Skip.If(_report is null, "files of other owners are made by root alone");
        _report!.Expect(name);
    }

    private async Task<PosixReport> RunAsync()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using TemporaryFolder folder = new();
        using (FileStream archive = File.Create(folder.At("posix.tar")))
        {
            PosixFixture.Write(archive);
        }
        string options = $"endpoint={bucket.Endpoint},staging={folder.At("staging")}";
        using (HostProcess writable = HostProcess.Mount(bucket.Source, "-o", options))
        {
            // The root has no owner and time of its own. A directory without a marker, and a long one, are then made as other clients make them.
            Shell.Run("""
                set -e
                tar -xpf "$1" -C "$2" --xattrs --xattrs-include='user.*' --numeric-owner --anchored \
                  --exclude=. --exclude=bytes --exclude='many/file-*' --exclude=implied --exclude='special/*' --exclude=hard/b --exclude=hard/c \
                  --exclude=attributes/long --exclude=sparse.bin
                cp -p "$2/hard/a" "$2/hard/b"
                cp -p "$2/hard/a" "$2/hard/c"
                cp "$2/content.bin" "$2/sparse.bin"
                """, folder.At("posix.tar"), writable.Place).Succeeded();
            writable.Stop();
        }
        await bucket.PutAsync("implied/only/by/a/file", "implied\n");
        await Parallel.ForEachAsync(Enumerable.Range(0, 5000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, _) => await bucket.PutAsync($"many/file-{index:D5}", $"file-{index:D5}"));
        return new PosixReport(Run(bucket.Source, options, PosixCases.All.Keys.Except(Impossible.Keys).Except(Exact)), Run(bucket.Source, options + ",ttl=0", Exact));
    }

    private static CommandResult Run(string source, string options, IEnumerable<string> names)
    {
        using HostProcess mount = HostProcess.Mount(source, "--readonly", "-o", options);
        return Shell.Run("ulimit -n 4096; timeout 300 dotnet exec \"$@\"", [typeof(PosixCases).Assembly.Location, "run", mount.Place, .. names]);
    }
}
