using Kaleidofs.Host.DevFuse.Uring;

namespace Kaleidofs.Tests.Support;

/// <summary>
/// The kernel's switch for FUSE over io_uring, on while somebody has one of these, and then as it was. Test programs
/// that run at once share it by a lock on a file.
/// </summary>
public sealed class FuseOverIoUring : IDisposable
{
    private const string Switch = "/sys/module/fuse/parameters/enable_uring";
    private static readonly string LockFile = Path.Combine(Path.GetTempPath(), "kaleidofs-tests-enable_uring.lock");
    private static readonly string Original = Path.Combine(Path.GetTempPath(), "kaleidofs-tests-enable_uring.original");

    private readonly FileStream? _shared;

    public FuseOverIoUring()
    {
        if (!File.Exists(Switch))
        {
            Missing = "the kernel has no FUSE over io_uring (since Linux 6.14)";
            return;
        }
        if (HostProcess.MountMissing is { } noMount)
        {
            Missing = noMount;
            return;
        }
        _shared = Lock(exclusive: false);
        string state = File.ReadAllText(Switch).Trim();
        if (state != "Y")
        {
            try
            {
                File.WriteAllText(Original, state);
                File.WriteAllText(Switch, "Y");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Missing = $"FUSE over io_uring is switched off here, and stays so: {exception.Message}";
                return;
            }
        }
        using UringSetup? setup = UringSetup.TryCreate(1, out string? reason);
        Missing = reason;
    }

    /// <summary>Why it cannot be tested here, or null.</summary>
    public string? Missing { get; }

    public void Dispose()
    {
        _shared?.Dispose();
        try
        {
            using FileStream last = Lock(exclusive: true);
            if (File.Exists(Original))
            {
                File.WriteAllText(Switch, File.ReadAllText(Original));
                File.Delete(Original);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Somebody else still needs it, and will put it back.
        }
    }

    /// <summary>Taken for reading it is shared, and alone otherwise (flock, by FileShare); only the first waits.</summary>
    private static FileStream Lock(bool exclusive)
    {
        if (exclusive)
        {
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
            }
            catch (IOException) when (!deadline.HasPassed)
            {
                Thread.Sleep(10);
            }
        }
    }
}
