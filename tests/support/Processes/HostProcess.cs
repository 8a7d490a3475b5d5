using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Kaleidofs.Tests.Support;

/// <summary>The real program, started by the real ./kaleidofs, with its own temporary folder.</summary>
public sealed class HostProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private const int MaxLog = 1 << 20;

    /// <summary>Builds what is missing, once; no start after that may take the time of a build.</summary>
    private static readonly Lazy<CommandResult> Built = new(() => Shell.Run("exec \"$1\" --version", Repository.At("kaleidofs")));

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    private HostProcess(string verb, string source, string place, IEnumerable<string> options)
    {
        Built.Value.Succeeded();
        Place = _folder.At(place);
        // Other users must get as far as the mount point, to be told by the mount itself what they may.
        Shell.Run("chmod 755 \"$1\"", _folder.Path);
        IEnumerable<string> arguments = verb switch
        {
            "serve" when place.Length > 0 => [verb, source, "--socket-path", Place],
            "serve" => [verb, source],
            "host" => [verb, "--config", _folder.Write(place, source)],
            _ => [verb, source, Directory.CreateDirectory(Place).FullName],
        };
        var start = new ProcessStartInfo("env", [Shell.DefaultSignals, Repository.At("kaleidofs"), .. arguments, .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KALEIDOFS_NO_BUILD"] = "1";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The socket that it serves on, the directory that it mounted on, or its configuration.</summary>
    public string Place { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>All that it said.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Whether it is gone.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Why nothing can be mounted here, or null.</summary>
    public static string? MountMissing =>
        !File.Exists("/dev/fuse") ? "this machine has no /dev/fuse"
        : Environment.UserName == "root" || Shell.Run("command -v fusermount3").Status == 0 ? null
        : "not root, and no fusermount3";

    /// <summary>Starts <c>kaleidofs serve</c> and waits until its socket is there.</summary>
    public static HostProcess Serve(string source, params IEnumerable<string> options) =>
        new HostProcess("serve", source, "socket", options).WaitUntil(host => File.Exists(host.Place));

    /// <summary>Starts <c>kaleidofs serve</c> on a listening socket that it inherits: who connects is served when it is ready.</summary>
    public static HostProcess Inherit(string source, int descriptor) =>
        new("serve", source, "", ["--fd", descriptor.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Starts <c>kaleidofs host</c> with a configuration and waits until its sockets are there.</summary>
    public static HostProcess Host(string configuration, params IReadOnlyList<string> sockets) =>
        new HostProcess("host", configuration, "config.json", []).WaitUntil(_ => sockets.All(File.Exists));

    /// <summary>Starts <c>kaleidofs mount</c> and waits until it is mounted.</summary>
    public static HostProcess Mount(string source, params IEnumerable<string> options) =>
        new HostProcess("mount", source, "mnt", options).WaitUntil(host => host.IsMounted);

    /// <summary>Whether <see cref="Place"/> is a mount point.</summary>
    public bool IsMounted => File.ReadLines("/proc/self/mountinfo").Any(line => line.Split(' ')[4] == Place);

    /// <summary>Asks it to end, as an operator does (SIGTERM), and returns its exit code.</summary>
    public int Stop()
    {
        Shell.Run("kill -TERM \"$1\"", _process.Id.ToString(CultureInfo.InvariantCulture));
        if (!_process.WaitForExit(Limit))
            throw new InvalidOperationException("kaleidofs did not end on SIGTERM\n" + Log);
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            try
            {
                Stop();
            }
            catch (InvalidOperationException)
            {
                _process.Kill();
                _process.WaitForExit();
            }
        }
        if (IsMounted)
            Shell.Run("umount -l \"$1\" || fusermount3 -uz \"$1\"", Place);
        _process.Dispose();
        _folder.Dispose();
    }

    private HostProcess WaitUntil(Predicate<HostProcess> ready)
    {
        var deadline = Deadline.After(Limit);
        while (!ready(this))
        {
            if (_process.HasExited || deadline.HasPassed)
            {
                Dispose();
                throw new InvalidOperationException("kaleidofs did not start\n" + Log);
            }
            Thread.Sleep(20);
        }
        return this;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
            if (_log.Length > MaxLog)
                _log.Remove(0, MaxLog / 2);
        }
    }
}
