using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Kaleidofs.Tests.Hostile;

/// <summary>What a driver might do to its host. Each tells "done", or what stopped it.</summary>
internal sealed unsafe partial class Deeds(DriverContext context)
{
    private string Outside => context.Options["outside"];

    private int Port => int.Parse(context.Options["port"], CultureInfo.InvariantCulture);

    public Dictionary<string, Func<string>> All => new()
    {
        // What it needs for its work.
        ["read-source"] = () => Attempt(() => File.ReadAllText(context.Source)),
        ["read-option"] = () => Attempt(() => File.ReadAllText(context.Options["password-file"])),
        ["write-scratch"] = () => Attempt(() =>
        {
            string path = Path.Combine(context.Options["scratch"], "folder", "file");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "1");
            File.Move(path, path + "2");
            File.Delete(path + "2");
        }),
        ["work-hard"] = () => Attempt(WorkHard),

        ["burn"] = () => Attempt(Burn),

        // Workers: what they said, and whether they came to their end.
        ["worker-echoes"] = () => RunWorker(typeof(EchoWorker)),
        ["worker-crashes"] = () => RunWorker(typeof(CrashingWorker)),
        ["worker-spins"] = () => RunWorker(typeof(SpinningWorker)),
        ["worker-takes-memory"] = () => RunWorker(typeof(GreedyWorker)),
        ["worker-roams"] = () => RunWorker(typeof(RoamingWorker)),

        // Files.
        ["read-shadow"] = () => Attempt(() => File.ReadAllText("/etc/shadow")),
        ["read-neighbour"] = () => Attempt(() => File.ReadAllText(Path.Combine(Outside, "secret"))),
        ["list-root"] = () => Attempt(() => Directory.GetFiles("/")),
        ["write-file"] = () => Attempt(() => File.WriteAllText(Path.Combine(Outside, "new"), "1")),
        ["delete-file"] = () => Attempt(() => File.Delete(Path.Combine(Outside, "victim"))),
        ["delete-source"] = () => Attempt(() => File.Delete(context.Source)),
        ["truncate-source"] = () => Attempt(() => File.WriteAllText(context.Source, "")),
        ["change-mode"] = () => Attempt(() => Check(ChangeMode(Path.Combine(Outside, "mode"), 0x1a4))),
        ["change-time"] = () => Attempt(() => File.SetLastWriteTimeUtc(Path.Combine(Outside, "mode"), DateTime.UnixEpoch)),
        ["make-link"] = () => Attempt(() => File.CreateSymbolicLink(Path.Combine(Outside, "link"), "secret")),

        // Programs and processes.
        ["start-shell"] = () => Attempt(() => Process.Start("/bin/sh", ["-c", "true"]).WaitForExit()),
        ["spawn-shell"] = () => Attempt(SpawnShell),
        ["become-shell"] = () => Attempt(() => Check(Execute("/bin/sh", 0, 0))),
        ["fork"] = () => Attempt(Fork),
        ["read-memory"] = () => Attempt(ReadMemory),
        ["read-parent"] = () => Attempt(() => File.ReadAllBytes($"/proc/{GetParent()}/environ")),
        ["signal-parent"] = () => Attempt(() => Check(Kill(GetParent(), 0))),

        // Networks.
        ["connect-out"] = () => Attempt(() =>
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, Port);
        }),
        ["connect-here"] = () => Attempt(() =>
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(Outside, "socket")));
        }),
        ["send-datagram"] = () => Attempt(() =>
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.SendTo("1"u8, new IPEndPoint(IPAddress.Loopback, Port));
        }),
        ["ask-server"] = () => Attempt(() =>
        {
            using HttpClient client = new();
            client.GetStringAsync(new Uri($"http://localhost:{Port}/")).GetAwaiter().GetResult();
        }),

        // The kernel's own interfaces.
        ["mount"] = () => Attempt(() => Check(Mount("none", Path.Combine(Outside, "mountpoint"), "tmpfs", 0, 0))),
        ["new-namespace"] = () => Attempt(() => Check(Unshare(0x400))),
        ["io-uring"] = () => Attempt(() => Check((int)SystemCall(425, 8, (nint)NativeMemory.AllocZeroed(512), 0, 0))),
        ["watch-files"] = () => Attempt(() => Check((int)SystemCall(IsArm ? 26 : 294, 0, 0, 0, 0))),
    };

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private string RunWorker(Type type)
    {
        string said = "";
        string outcome = Attempt(() =>
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle source = File.OpenHandle(context.Source);
            using WorkerProcess worker = context.Workers.Start(type, source, TimeSpan.FromSeconds(1));
            using StreamReader reader = new(worker.Output);
            said = reader.ReadToEnd();
            said += worker.HasSucceeded() ? "+" : "-";
        });
        return outcome == "done" ? said : outcome;
    }

    /// <summary>"done", or the error in a few words.</summary>
    public static string Attempt(Action deed)
    {
        try
        {
            deed();
            return "done";
        }
#pragma warning disable CA1031 // Whatever stops it is the outcome.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return (exception.InnerException ?? exception).Message.ReplaceLineEndings(" ")[..Math.Min(300, (exception.InnerException ?? exception).Message.Length)];
        }
    }

    /// <summary>What the runtime does for itself: threads, collections, code that is compiled, exceptions, waiting.</summary>
    private static void WorkHard()
    {
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i =>
        {
            byte[][] garbage = new byte[64][];
            for (int round = 0; round < 200; round++)
            {
                garbage[round % 64] = new byte[(round % 10 == 0) ? 100_000 : 1000];
            }
            Thread.Sleep(1);
            try
            {
                throw new InvalidOperationException($"{i}");
            }
            catch (InvalidOperationException)
            {
            }
        });
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Thread thread = new(() => _ = System.Text.RegularExpressions.Regex.IsMatch("abc", "(a|b)+c", System.Text.RegularExpressions.RegexOptions.Compiled)) { Name = "worker" };
        thread.Start();
        thread.Join();
        using Timer timer = new(_ => { }, null, 1, 1);
        Task.Delay(20).Wait();
        _ = TimeZoneInfo.Local.DisplayName;
        _ = System.Security.Cryptography.SHA256.HashData([1, 2, 3]);
        _ = Environment.WorkingSet + Process.GetCurrentProcess().Threads.Count;
    }

    /// <summary>A tenth of a millisecond or so of CPU time, on whatever thread this is.</summary>
    private static void Burn()
    {
        uint state = 1;
        for (int i = 0; i < 100_000; i++)
        {
            state = (state * 1664525) + 1013904223;
        }
        GC.KeepAlive(state);
    }

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        }
    }

    private static void SpawnShell()
    {
        int process;
        byte* argument = stackalloc byte[] { (byte)'x', 0 };
        byte** arguments = stackalloc byte*[] { argument, null };
        int errno = Spawn(&process, "/bin/true", 0, 0, arguments, arguments + 1);
        if (errno != 0)
        {
            throw new IOException(Marshal.GetPInvokeErrorMessage(errno));
        }
    }

    private static void Fork()
    {
        // The child of a raw clone without CLONE_VM ends at once, whatever its copy of the runtime would do.
        nint process = SystemCall(IsArm ? 220 : 56, 17, 0, 0, 0);
        if (process == 0)
        {
            _ = SystemCall(IsArm ? 93 : 60, 0, 0, 0, 0);
        }
        Check((int)process);
    }

    private static void ReadMemory()
    {
        long value = 1;
        long copy = 0;
        nint* local = stackalloc nint[] { (nint)(&copy), sizeof(long) };
        nint* remote = stackalloc nint[] { (nint)(&value), sizeof(long) };
        Check((int)ReadProcessMemory(Environment.ProcessId, local, 1, remote, 1, 0));
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeMode(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, nint arguments, nint environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(int* process, string path, nint actions, nint attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, nint data);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "process_vm_readv", SetLastError = true)]
    private static partial nint ReadProcessMemory(int process, nint* local, nuint localCount, nint* remote, nuint remoteCount, nuint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);
}
