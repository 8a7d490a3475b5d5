using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

/// <summary>landlock(7), linux/landlock.h: rules that a thread lays on itself, those that it starts, and what it becomes by execve(2).</summary>
internal static unsafe partial class Libc
{
    // The same numbers on every architecture.
    private const nint LandlockCreateRuleset = 444;
    private const nint LandlockAddRule = 445;
    private const nint LandlockRestrictSelf = 446;

    private const nint LANDLOCK_CREATE_RULESET_VERSION = 1;
    private const nint LANDLOCK_RULE_PATH_BENEATH = 1;

    /// <summary>The version of the kernel's interface; 0 if it has none, or none is allowed.</summary>
    public static int LandlockVersion => (int)Math.Max(0, SystemCall(LandlockCreateRuleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION, 0));

    /// <summary>An empty set of rules: what it handles is denied where no rule allows it.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static FileDescriptor CreateRuleset(LandlockRuleset ruleset, int size)
        => FileDescriptor.Own((int)SystemCall(LandlockCreateRuleset, (nint)(&ruleset), size, 0, 0), "landlock_create_ruleset");

    /// <summary>Allows something with a file, or with all that is beneath a directory; nothing if it does not exist.</summary>
    /// <param name="ruleset">The rules.</param>
    /// <param name="path">Links are followed.</param>
    /// <param name="access">LANDLOCK_ACCESS_FS_*.</param>
    /// <param name="fileAccess">Those of them that a file has, too.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void AllowPath(FileDescriptor ruleset, string path, ulong access, ulong fileAccess)
    {
        const int O_PATH = 0x200000;
        const ushort S_IFMT = 0xf000;
        const ushort S_IFDIR = 0x4000;
        int fd = Open(path, O_PATH | O_CLOEXEC);
        if (fd < 0)
        {
            return;
        }
        using FileDescriptor opened = new(fd);
        if (Status(fd) is not { } status || (status.Mode & S_IFMT) != S_IFDIR)
        {
            access &= fileAccess;
        }
        PathRule rule = new() { Access = access, Parent = fd };
        if (SystemCall(LandlockAddRule, ruleset.Number, LANDLOCK_RULE_PATH_BENEATH, (nint)(&rule), 0) != 0)
        {
            throw new IOException($"landlock_add_rule {path}: {LastError()}");
        }
    }

    /// <summary>From now on the rules hold for this thread. It has no new privileges.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Restrict(FileDescriptor ruleset)
    {
        if (SystemCall(LandlockRestrictSelf, ruleset.Number, 0, 0, 0) != 0)
        {
            throw new IOException($"landlock_restrict_self: {LastError()}");
        }
    }

    /// <summary>struct landlock_ruleset_attr; older kernels know only its beginning.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct LandlockRuleset
    {
        public ulong Files;
        public ulong Network;
        public ulong Scopes;
    }

    /// <summary>struct landlock_path_beneath_attr, packed.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct PathRule
    {
        public ulong Access;
        public int Parent;
    }
}
