using System.Diagnostics;
using Kaleidofs.Tests.Bench.Hosting;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>A vhost-user-fs daemon in a process of its own. If it dies, so does the benchmark: its threads would wait for ever.</summary>
internal sealed class Daemon : IDisposable
{
    private static int s_hosts;

    private readonly Process _process;
    private readonly bool _endsWithConnection;
    private bool _isStopping;

    private Daemon(string name, string socketPath, string program, IEnumerable<string> arguments, bool endsWithConnection = false, IReadOnlyDictionary<string, string>? environment = null)
    {
        _endsWithConnection = endsWithConnection;
        SocketPath = socketPath;
        _process = new Process { StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true }, EnableRaisingEvents = true };
        foreach ((string variable, string value) in environment ?? new Dictionary<string, string>())
        {
            _process.StartInfo.Environment[variable] = value;
        }
        _process.Exited += (_, _) => OnExited(name);
        _process.Start();
    }

    public string SocketPath { get; }

    public int ProcessId => _process.Id;

    /// <summary>Has ./kaleidofs build what is missing or older than its sources.</summary>
    public static void BuildKaleidofs()
    {
        using Process build = Process.Start(new ProcessStartInfo(Repository.At("kaleidofs"), ["--version"]) { RedirectStandardOutput = true })!;
        build.WaitForExit();
        if (build.ExitCode != 0)
        {
            throw new IOException("kaleidofs could not be built");
        }
    }

    public static Daemon StartKaleidofs(TemporaryFolder folder, IReadOnlyList<string> options, string source = "null:")
    {
        string socket = folder.At("kaleidofs.sock");
        return new Daemon("kaleidofs", socket, Repository.At("kaleidofs"), ["serve", source, "--socket-path", socket, .. options]);
    }

    /// <summary>A host of many shares; each listens at <see cref="HostedShare.SocketIn"/> of the folder.</summary>
    public static Daemon StartHost(TemporaryFolder folder, IReadOnlyList<HostedShare> shares, string cacheSize = "256M", string sandbox = "auto", string? driverPath = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        string name = $"host{Interlocked.Increment(ref s_hosts)}";
        IEnumerable<string> entries = shares.Select(share => $$"""{ "name": "{{share.Name}}", "source": "{{share.Source}}", "socket-path": "{{share.SocketIn(folder)}}", "queues": {{share.Queues}} }""");
        string configuration = folder.Write($"{name}.json", $$"""{ "cache-size": "{{cacheSize}}", "sandbox": "{{sandbox}}", "log-level": "warning", "driver-path": [{{(driverPath is null ? "" : $"\"{driverPath}\"")}}], "shares": [ {{string.Join(",\n", entries)}} ] }""");
        return new Daemon(name, shares[0].SocketIn(folder), Repository.At("kaleidofs"), ["host", "--config", configuration], environment: environment);
    }

    public static Daemon StartVirtiofsd(string program, TemporaryFolder folder, string? share = null)
    {
        string socket = folder.At("virtiofsd.sock");
        string sandbox = Environment.UserName == "root" ? "chroot" : "none";
        return new Daemon("virtiofsd", socket, program, ["--socket-path", socket, "--shared-dir", share ?? MakeShare(folder), "--sandbox", sandbox, "--cache", "auto", "--log-level", "error", "--no-announce-submounts"], endsWithConnection: true);
    }

    public static Daemon StartResponder(string program, TemporaryFolder folder)
    {
        string socket = folder.At("responder.sock");
        return new Daemon("the responder", socket, program, [socket]);
    }

    public static Daemon Start(string name, string command, TemporaryFolder folder)
    {
        string socket = folder.At("server.sock");
        string share = command.Contains("{share}", StringComparison.Ordinal) ? MakeShare(folder) : "";
        string line = command.Replace("{socket}", socket, StringComparison.Ordinal).Replace("{share}", share, StringComparison.Ordinal);
        return new Daemon(name, socket, "/bin/sh", ["-c", "exec " + line]);
    }

    /// <summary>Where virtiofsd is: on the path, where distributions put it, or where eng/peers.sh did.</summary>
    public static string? FindVirtiofsd() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Concat(["/usr/libexec", "/usr/lib/qemu", "/usr/lib", Path.Combine(Repository.Cache, "peers", "bin")])
        .Select(folder => Path.Combine(folder, "virtiofsd")).FirstOrDefault(File.Exists);

    /// <summary>Ends it as an operator does, so that it leaves what it was asked to leave.</summary>
    public void Stop()
    {
        Volatile.Write(ref _isStopping, true);
        Shell.Run("kill -TERM \"$1\"", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _process.WaitForExit(TimeSpan.FromSeconds(30));
    }

    public void Dispose()
    {
        Volatile.Write(ref _isStopping, true);
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void OnExited(string name)
    {
        try
        {
            if (!Volatile.Read(ref _isStopping) && (!_endsWithConnection || _process.ExitCode != 0))
            {
                Console.Error.WriteLine($"bench: {name} ended with status {_process.ExitCode}");
                Environment.Exit(1);
            }
        }
        catch (InvalidOperationException)
        {
            // Disposed of meanwhile: it was meant to end.
        }
    }

    /// <summary>The null driver's files, in memory.</summary>
    private static string MakeShare(TemporaryFolder folder)
    {
        string parent = Directory.Exists("/dev/shm") ? "/dev/shm" : folder.Path;
        string share = Path.Combine(parent, $"kaleidofs-bench-{Environment.ProcessId}");
        if (Directory.Exists(share))
        {
            return share;
        }
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(share, recursive: true);
        Directory.CreateDirectory(Path.Combine(share, "entries"));
        File.WriteAllBytes(Path.Combine(share, "data"), new byte[Workload.DataSize]);
        for (int i = 0; i < 10_000; i++)
        {
            File.WriteAllBytes(Path.Combine(share, "entries", Workload.SmallFile(i)), []);
        }
        return share;
    }
}
