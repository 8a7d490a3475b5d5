using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Kaleidofs.Tests.Support;

/// <summary>
/// A Linux guest in QEMU. Booting takes seconds, a command milliseconds: boot once for many tests.
/// Commands are scripts for busybox's shell, sent one at a time to the agent of eng/guest/init
/// over a virtio serial port.
/// </summary>
public sealed class Guest : IDisposable
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(120);

    private const int MaxAttempts = 3;

    /// <summary>SIGABRT, as .NET tells it.</summary>
    private const int Aborted = 128 + 6;

    private readonly TemporaryFolder _folder = new();
    private readonly Process _qemu;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StringBuilder _errors = new();
    private readonly List<string> _mounted = [];
    private Socket? _agent;

    private Guest(GuestOptions options)
    {
        string initramfs = _folder.At("initramfs");
        Shell.Run("exec \"$@\"", [Repository.At("eng/guest/initramfs.sh"), initramfs, .. options.Files.Select(file => $"{file.Key}={file.Value}")]).Succeeded();
        _listener.Bind(new UnixDomainSocketEndPoint(_folder.At("agent")));
        _listener.Listen(1);
        var start = new ProcessStartInfo(
            "bash",
            [
                Repository.At("eng/guest/boot.sh"), "--initramfs", initramfs, "--agent", _folder.At("agent"), "--may-reboot",
                "--console", _folder.At("console"),
                "--cpus", options.Cpus.ToString(CultureInfo.InvariantCulture),
                "--memory", options.Megabytes.ToString(CultureInfo.InvariantCulture),
                .. options.Shares.SelectMany(share => new[] { "--share", $"{share.Tag}={share.Socket},{share.Queues}{share.Properties}" }),
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        start.Environment["KALEIDOFS_CACHE"] = Repository.Cache;
        _qemu = Process.Start(start)!;
        _qemu.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                _errors.AppendLine(line.Data);
        };
        _qemu.BeginErrorReadLine();
    }

    /// <summary>Boots a guest and waits until it takes commands; every share is mounted at /mnt/TAG.</summary>
    public static Guest Boot(GuestOptions options)
    {
        for (int attempt = 1; ; attempt++)
        {
            var guest = new Guest(options);
            try
            {
                guest.WaitUntilReady();
                guest.Mount(options.Shares.Select(share => share.Tag));
                return guest;
            }
            catch (Exception failure)
            {
                guest.Kill();
                bool isQemus = guest.HasAbortedItself;
                guest.Dispose();
                if (!isQemus || attempt == MaxAttempts)
                    throw;
                Console.WriteLine($"QEMU aborted by an assertion of its own ({failure.Message.Split('\n')[0]}): booting again");
            }
        }
    }

    /// <summary>Starts to boot a guest, and ends its QEMU at once after a while, wherever it is by then.</summary>
    public static void BootAndKill(GuestOptions options, TimeSpan after)
    {
        using var guest = new Guest(options);
        guest._qemu.WaitForExit(after);
        guest.Kill();
    }

    /// <summary>Runs a script; fails if the guest dies, or the script takes longer than <paramref name="limit"/> (two minutes).</summary>
    public CommandResult Run(string script, TimeSpan? limit = null)
    {
        byte[] body = Encoding.Latin1.GetBytes(script.EndsWith('\n') ? script : script + "\n");
        var deadline = Deadline.After(limit ?? TimeSpan.FromMinutes(2));
        Send(Encoding.ASCII.GetBytes($"run {body.Length}\n"));
        Send(body);
        string[] answer = ReadLine(deadline).Split(' ');
        if (answer is not ["done", var status, var outputSize, var errorSize])
            throw Broken($"the agent answered '{string.Join(' ', answer)}'");
        byte[] output = Read(int.Parse(outputSize, CultureInfo.InvariantCulture), deadline);
        byte[] error = Read(int.Parse(errorSize, CultureInfo.InvariantCulture), deadline);
        return new CommandResult(int.Parse(status, CultureInfo.InvariantCulture), output, Encoding.Latin1.GetString(error));
    }

    /// <summary>Resets the machine without unmounting anything, and waits until it has booted and mounted again.</summary>
    public void Reboot()
    {
        string[] tags = [.. _mounted];
        _mounted.Clear();
        Send("reboot\n"u8);
        if (ReadLine(Deadline.After(BootLimit)) != "ready")
            throw Broken("the guest did not reboot");
        Mount(tags);
    }

    /// <summary>Ends QEMU at once, as a crash does.</summary>
    public void Kill()
    {
        if (!_qemu.HasExited)
            _qemu.Kill();
        _qemu.WaitForExit();
    }

    /// <summary>Powers the guest off; QEMU ends by itself.</summary>
    public void PowerOff()
    {
        Send("poweroff\n"u8);
        if (!_qemu.WaitForExit(TimeSpan.FromSeconds(60)))
            throw Broken("the guest did not power off");
    }

    public void Dispose()
    {
        if (!_qemu.HasExited)
        {
            try
            {
                PowerOff();
            }
            catch (InvalidOperationException)
            {
                Kill();
            }
        }
        _agent?.Dispose();
        _listener.Dispose();
        _qemu.Dispose();
        _folder.Dispose();
    }

    /// <summary>
    /// Whether QEMU, which is gone, aborted by its own fault: emulating several CPUs on a busy machine it does so now and then
    /// while the guest maps its devices (iotlb_to_section in system/physmem.c). That says nothing of the device behind.
    /// </summary>
    private bool HasAbortedItself
    {
        get
        {
            lock (_errors)
                return _qemu.ExitCode == Aborted && _errors.ToString().Contains("iotlb_to_section: Assertion", StringComparison.Ordinal);
        }
    }

    private void WaitUntilReady()
    {
        var deadline = Deadline.After(BootLimit);
        while (!_listener.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
        {
            if (_qemu.HasExited || deadline.HasPassed)
                throw Broken("QEMU did not start");
        }
        _agent = _listener.Accept();
        if (ReadLine(deadline) != "ready")
            throw Broken("the agent did not start");
    }

    private void Mount(IEnumerable<string> tags)
    {
        foreach (string tag in tags)
        {
            Run($"mkdir -p /mnt/{tag} && mount -t virtiofs {tag} /mnt/{tag}").Succeeded();
            _mounted.Add(tag);
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[_agent!.Send(bytes)..];
        }
        catch (SocketException)
        {
            throw Broken("the guest is gone");
        }
    }

    private string ReadLine(Deadline deadline)
    {
        var line = new StringBuilder();
        while (true)
        {
            char character = (char)Read(1, deadline)[0];
            if (character == '\n')
                return line.ToString();
            line.Append(character);
        }
    }

    private byte[] Read(int count, Deadline deadline)
    {
        byte[] bytes = new byte[count];
        for (int done = 0; done < count;)
        {
            if (!_agent!.Poll(deadline.Remaining, SelectMode.SelectRead))
                throw Broken("no answer in time");
            int read = _agent.Receive(bytes, done, count - done, SocketFlags.None);
            if (read == 0)
                throw Broken("the guest is gone");
            done += read;
        }
        return bytes;
    }

    private InvalidOperationException Broken(string what)
    {
        string console = File.Exists(_folder.At("console")) ? File.ReadAllText(_folder.At("console")) : "";
        lock (_errors)
            return new InvalidOperationException($"{what}\nQEMU: {_errors}\nconsole: {(console.Length > 3000 ? console[^3000..] : console)}");
    }
}
