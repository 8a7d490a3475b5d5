using System.Numerics;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Sandbox;

/// <summary>Gives up the capabilities that a plan does not need: as a rule all of them (capabilities(7)).</summary>
internal static class Capabilities
{
    private const int ChangeOwner = 0;
    private const int OverridePermissions = 1;
    private const int ReadAnything = 2;

    private const int F_OK = 0;
    private const int R_OK = 4;
    private const int X_OK = 1;
    private const int W_OK = 2;

    private static readonly string[] Names = ["chown", "dac_override", "dac_read_search"];

    /// <summary>What this thread has still, in words.</summary>
    public static string Describe()
    {
        ulong permitted = Libc.GetCapabilities().Permitted;
        if (permitted == 0)
        {
            return "no capabilities";
        }
        List<string> names = [];
        for (ulong rest = permitted; rest != 0; rest &= rest - 1)
        {
            int capability = BitOperations.TrailingZeroCount(rest);
            names.Add(capability < Names.Length ? Names[capability] : $"{capability}");
        }
        return $"capabilities {string.Join('+', names)}";
    }

    /// <summary>Whether this thread has more than a plan's kinds of capabilities.</summary>
    public static bool AreDropped => (Libc.GetCapabilities().Permitted & ~(1ul << ChangeOwner | 1ul << OverridePermissions | 1ul << ReadAnything)) == 0;

    /// <summary>Leaves this thread, and what it becomes by execve(2), what the plan needs.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Drop(SandboxPlan plan)
    {
        ulong kept = FindNeeded(plan);
        Libc.LimitCapabilities(kept);
        if (!Libc.SetCapabilities(new(kept, kept, kept)))
        {
            throw new IOException($"capset: {Libc.LastError()}");
        }
        for (ulong rest = kept; rest != 0; rest &= rest - 1)
        {
            Libc.RaiseAmbient(BitOperations.TrailingZeroCount(rest));
        }
    }

    /// <summary>Root reads what it has no permission for, by a capability: it keeps that one if the plan has such a path.</summary>
    private static ulong FindNeeded(SandboxPlan plan)
    {
        Libc.CapabilitySets all = Libc.GetCapabilities();
        if (all.Effective == 0)
        {
            return 0;
        }
        string[] read = [.. plan.Read.Concat(RuntimePaths.Executed).Where(path => MayRead(path))];
        string[] reached = [.. plan.Mountpoints.Where(path => Libc.MayAccess(path, F_OK))];
        string[] written = [.. plan.Written.Concat(plan.SocketDirectories).Where(path => Libc.MayAccess(path, W_OK | X_OK))];
        ulong needed = plan.ChangesOwner ? 1ul << ChangeOwner : 0;
        _ = Libc.SetCapabilities(all with { Effective = 0 });
        if (!read.All(MayRead) || !reached.All(path => Libc.MayAccess(path, F_OK)))
        {
            needed |= 1ul << ReadAnything;
        }
        if (!written.All(path => Libc.MayAccess(path, W_OK | X_OK)))
        {
            needed |= 1ul << OverridePermissions;
        }
        _ = Libc.SetCapabilities(all);
        return needed & all.Permitted;
    }

    private static bool MayRead(string path) => Libc.MayAccess(path, Directory.Exists(path) ? R_OK | X_OK : R_OK);
}
