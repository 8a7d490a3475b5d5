using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>An archive that a program has mounted, on a mount point that is gone with it.</summary>
internal sealed class MountedArchive : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    /// <summary>Starts the program and waits until its mount is there.</summary>
    public MountedArchive(ArchiveMounter mounter, string archive)
    {
        Place = Directory.CreateDirectory(_folder.At("mnt")).FullName;
        if (mounter.Prepare?.Invoke(archive, Directory.CreateDirectory(_folder.At("kept")).FullName) is { } preparation)
        {
            Shell.Run("exec \"$@\"", preparation).Succeeded();
        }
        string[] command = mounter.Command(archive, Place, _folder.At("kept"));
        Started = Stopwatch.GetTimestamp();
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        while (!IsMounted)
        {
            if (_process.WaitForExit(1) || Stopwatch.GetElapsedTime(Started) > Limit)
            {
                Dispose();
                throw new InvalidOperationException($"{mounter.Name} did not mount {archive}");
            }
        }
    }

    /// <summary>When the program was started.</summary>
    public long Started { get; }

    /// <summary>Where it is mounted.</summary>
    public string Place { get; }

    /// <summary>VmRSS.</summary>
    public double ResidentMegabytes => Status("VmRSS:");

    /// <summary>Processor time of the program itself, in seconds.</summary>
    public double ProcessorSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>What it keeps on disk.</summary>
    public double KeptMegabytes => Directory.Exists(_folder.At("kept"))
        ? double.Parse(Shell.Run("du -sk \"$1\" | cut -f1", _folder.At("kept")).Succeeded().Text, CultureInfo.InvariantCulture) / 1024
        : 0;

    private bool IsMounted => File.ReadLines("/proc/self/mountinfo").Any(line => line.Split(' ')[4] == Place);

    /// <summary>Runs a script on the mount ($1) and returns its seconds, or null if it takes longer than the limit.</summary>
    public double? Time(string script, int limitSeconds)
    {
        long start = Stopwatch.GetTimestamp();
        CommandResult result = Shell.Run("exec timeout -s KILL \"$1\" bash -c \"$2\" bash \"$3\"", limitSeconds.ToString(CultureInfo.InvariantCulture), script, Place);
        return result.Status switch
        {
            0 => Stopwatch.GetElapsedTime(start).TotalSeconds,
            137 or 124 => null,
            _ => throw new InvalidOperationException($"'{script}' failed: {result.Error}"),
        };
    }

    public void Dispose()
    {
        if (IsMounted)
        {
            Shell.Run("umount \"$1\" 2>/dev/null || umount -l \"$1\"", Place);
        }
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
        _folder.Dispose();
    }

    private double Status(string field)
        => double.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
}
