using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Sandbox;

/// <summary>Confines a thread to a plan's files and to its network, as far as the kernel can (landlock(7)).</summary>
internal static class Landlock
{
    // LANDLOCK_ACCESS_FS_* of linux/landlock.h.
    private const ulong Execute = 1 << 0;
    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadDirectory = 1 << 3;
    private const ulong RemoveDirectory = 1 << 4;
    private const ulong RemoveFile = 1 << 5;
    private const ulong MakeDirectory = 1 << 7;
    private const ulong MakeFile = 1 << 8;
    private const ulong MakeSocket = 1 << 9;
    private const ulong Rename = 1 << 13;
    private const ulong Truncate = 1 << 14;
    private const ulong DeviceControl = 1 << 15;

    private const ulong Read = ReadFile | ReadDirectory;
    private const ulong Write = Read | WriteFile | Truncate | MakeFile | MakeDirectory | RemoveFile | RemoveDirectory | Rename;

    /// <summary>What makes sense for a file rather than a directory.</summary>
    private const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate | DeviceControl;

    // LANDLOCK_ACCESS_NET_BIND_TCP, LANDLOCK_ACCESS_NET_CONNECT_TCP.
    private const ulong Tcp = 3;

    // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, LANDLOCK_SCOPE_SIGNAL.
    private const ulong AbstractSockets = 1;
    private const ulong Signals = 2;

    /// <summary>The version of the kernel's interface; 0 where there is none.</summary>
    public static int Version => Libc.LandlockVersion;

    /// <summary>Whether this process is confined: the kernel does not say so, but then the root directory cannot be listed.</summary>
    public static bool IsInForce
    {
        get
        {
            try
            {
                using IEnumerator<string> root = Directory.EnumerateFileSystemEntries("/").GetEnumerator();
                return false;
            }
            catch (UnauthorizedAccessException)
            {
                return true;
            }
        }
    }

    /// <summary>Confines this thread.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Restrict(SandboxPlan plan, int version)
    {
        ulong handled = version switch
        {
            1 => 0x1fff,
            2 => 0x3fff,
            < 5 => 0x7fff,
            _ => 0xffff,
        };
        Libc.LandlockRuleset attributes = new()
        {
            Files = handled,
            Network = plan.Network || plan.ListensOnTcp ? 0 : Tcp,
            Scopes = Signals | (plan.NotifiesAbstractSocket ? 0 : AbstractSockets),
        };
        using FileDescriptor ruleset = Libc.CreateRuleset(attributes, version switch { < 4 => 8, < 6 => 16, _ => 24 });
        Allow(RuntimePaths.Executed, Execute | ReadFile);
        Allow(plan.Read, Read);
        Allow(plan.Written, Write);
        Allow(RuntimePaths.Written, WriteFile);
        if (plan.Mountpoints.Count > 0)
        {
            Allow(["/dev/fuse"], ReadFile | WriteFile | DeviceControl);
            Allow(["/sys/module/fuse"], Read);
        }
        Allow(plan.SocketDirectories, MakeSocket | RemoveFile);
        Libc.Restrict(ruleset);

        void Allow(IEnumerable<string> paths, ulong access)
        {
            foreach (string path in paths)
            {
                Libc.AllowPath(ruleset, path, access & handled, OfFiles);
            }
        }
    }
}
