using System.Globalization;
using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Sandbox;

/// <summary>
/// Confines the process before any driver's code runs and before the first guest byte. Landlock and capabilities are a
/// thread's own, and .NET has threads before Main: the first of them confines itself and becomes this program once more
/// (execve(2)), whose threads then all have what it had. The second time the filter of system calls is laid on, which
/// the kernel does for all threads at once.
/// </summary>
/// <remarks>
/// An environment variable tells the second time from the first. It is not believed: the second time asks the kernel
/// what is in force, and does not go on without what the first would have done.
/// </remarks>
internal static class ProcessSandbox
{
    private const string Mark = "KALEIDOFS_CONFINED";
    private const string Diagnostics = "DOTNET_EnableDiagnostics";

    /// <summary>Whether a confined process has started this one, which therefore is confined in the same way.</summary>
    public static bool IsInherited => Libc.HasNoNewPrivileges
        && Environment.GetEnvironmentVariable(Mark) is { Length: > 0 } marked && marked != Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>Confines the process, which therefore begins again: returns only the second time.</summary>
    /// <exception cref="SourceException">What the kernel has cannot be used.</exception>
    public static Confinement Enter(SandboxMode mode, Func<SandboxPlan> makePlan)
    {
        if (mode == SandboxMode.None)
        {
            return Confinement.None;
        }
        SandboxPlan plan = makePlan();
        string process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        // The process id stays when a program becomes another one, and is not handed down to children.
        if (Environment.GetEnvironmentVariable(Mark) != process)
        {
            Confine(plan, process);
        }
        string state = Filter(plan, out bool isFiltered);
        return new(state, MountBroker.Inherit(plan.Mountpoints), isFiltered && plan.Mountpoints.Count > 0);
    }

    private static void Confine(SandboxPlan plan, string process)
    {
        plan.Prepare();
        RemoveDiagnosticSockets(process);
        string path = Environment.ProcessPath ?? throw Failure("the path of this program is not known");
        string?[] arguments = [.. File.ReadAllText("/proc/self/cmdline").Split('\0')[..^1], null];
        try
        {
            // Before privileges go: it needs them.
            string? broker = plan.Mountpoints.Count > 0 ? MountBroker.Start(plan.Mountpoints) : null;
            string?[] environment = [.. ReadEnvironment(process), .. (IEnumerable<string>)(broker is null ? [] : [broker]), null];
            if (!Libc.SetNoNewPrivileges())
            {
                throw new IOException($"prctl: {Libc.LastError()}");
            }
            Capabilities.Drop(plan);
            if (Landlock.Version is > 0 and var version)
            {
                Landlock.Restrict(plan, version);
            }
            _ = Libc.Execute(path, arguments, environment);
            throw new IOException($"execve {path}: {Libc.LastError()}");
        }
        catch (IOException exception)
        {
            throw Failure(exception.Message);
        }
    }

    /// <summary>Checks what is in force, and lays the filter on.</summary>
    private static string Filter(SandboxPlan plan, out bool isFiltered)
    {
        List<string> held = [];
        List<string> missing = [];
        if (!Libc.HasNoNewPrivileges || !Capabilities.AreDropped)
        {
            throw Failure($"{Mark} is set, but privileges are still there");
        }
        held.Add("no-new-privs");
        held.Add(Capabilities.Describe());
        if (Landlock.Version is > 0 and var version)
        {
            if (!Landlock.IsInForce)
            {
                throw Failure($"{Mark} is set, but Landlock is not in force");
            }
            held.Add(string.Create(CultureInfo.InvariantCulture, $"landlock {version}"));
        }
        else
        {
            missing.Add("no landlock (this kernel has none, or a container forbids it)");
        }
        isFiltered = Libc.InstallFilter(SystemCallFilter.Build(plan));
        if (isFiltered)
        {
            held.Add(plan.Network ? "seccomp, network (a driver declares it)" : "seccomp, no network");
            if (plan.MayStartWorkers)
            {
                held.Add("workers");
            }
        }
        else
        {
            missing.Add($"no seccomp ({Libc.LastError()})");
        }
        return string.Join("; ", [string.Join(", ", held), .. missing]);
    }

    /// <summary>The environment as it is, the mark, and no diagnostics: their socket takes commands from outside.</summary>
    private static IEnumerable<string> ReadEnvironment(string process)
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is not (Mark or Diagnostics))
            {
                yield return $"{variable.Key}={variable.Value}";
            }
        }
        yield return $"{Mark}={process}";
        yield return $"{Diagnostics}=0";
    }

    /// <summary>What the runtime made for diagnostics would outlive it: it has no time to remove it.</summary>
    private static void RemoveDiagnosticSockets(string process)
    {
        foreach (string prefix in (ReadOnlySpan<string>)["dotnet-diagnostic-", "clr-debug-pipe-"])
        {
            foreach (string file in Directory.GetFiles(Path.GetTempPath(), $"{prefix}{process}-*"))
            {
                File.Delete(file);
            }
        }
    }

    private static SourceException Failure(string what) => new($"cannot confine the process: {what}; --sandbox=none serves without");
}
