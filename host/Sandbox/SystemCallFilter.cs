using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Sandbox;

/// <summary>The system calls that a plan needs beside those of <see cref="RuntimeSystemCalls"/>, and the arguments that they may have.</summary>
internal static class SystemCallFilter
{
    private static readonly SystemCall Clone = new("clone", 56, 220);
    private static readonly SystemCall Clone3 = new("clone3", 435, 435);
    private static readonly SystemCall ProcessControl = new("prctl", 157, 167);
    private static readonly SystemCall SignalThread = new("tgkill", 234, 131);
    private static readonly SystemCall Signal = new("kill", 62, 129);
    private static readonly SystemCall ResourceLimit = new("prlimit64", 302, 261);
    private static readonly SystemCall DeviceControl = new("ioctl", 16, 29);
    private static readonly SystemCall SetTimes = new("utimensat", 280, 88);
    private static readonly SystemCall ChangeModeOfOpen = new("fchmod", 91, 52);
    private static readonly SystemCall Socket = new("socket", 41, 198);
    private static readonly SystemCall SendTo = new("sendto", 44, 206);
    private static readonly SystemCall SendMessage = new("sendmsg", 46, 211);

    private static readonly SystemCall SetUpRing = new("io_uring_setup", 425, 425);
    private static readonly SystemCall EnterRing = new("io_uring_enter", 426, 426);
    private static readonly SystemCall RegisterWithRing = new("io_uring_register", 427, 427);

    private static readonly SystemCall Filter = new("seccomp", 317, 277);

    private static readonly SystemCall[] Starting = [new("vfork", 58, -1), new("execve", 59, 221), new("dup2", 33, -1), new("wait4", 61, 260), new("waitid", 247, 95)];
    private static readonly SystemCall[] ChangeMode = [new("chmod", 90, -1), new("fchmodat", 268, 53)];
    private static readonly SystemCall[] ChangeOwner = [new("lchown", 94, -1), new("fchownat", 260, 54)];
    private static readonly SystemCall[] Connecting = [new("connect", 42, 203), new("sendmmsg", 307, 269), new("recvmmsg", 299, 243)];

    // linux/sched.h: a thread shares everything with its process, and no CLONE_NEW* gives it a namespace of its own.
    private const uint CLONE_VM = 0x100;
    private const uint CLONE_THREAD = 0x10000;
    private const uint CLONE_VFORK = 0x4000;
    private const uint NewNamespaces = 0x7e020000;

    // linux/prctl.h: PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS, PR_SET_VMA.
    private static readonly uint[] ProcessControls = [3, 15, 16, 23, 39, 0x53564d41];

    // asm-generic/ioctls.h: TCGETS, TCSETS, TCSETSW, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; TCGETS2. Not TIOCSTI, which types for the user.
    private static readonly uint[] DeviceControls = [0x5401, 0x5402, 0x5403, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451, 0x802c542a];

    private const uint SIGKILL = 9;

    /// <summary>A filter on top of this one, which can only take something away (linux/seccomp.h).</summary>
    private const uint SECCOMP_SET_MODE_FILTER = 1;

    /// <summary>A further channel to the connection of a mount (linux/fuse.h).</summary>
    private const uint FUSE_DEV_IOC_CLONE = 0x8004e500;

    // sys/socket.h.
    private const uint AF_UNIX = 1;
    private const uint AF_INET = 2;
    private const uint AF_INET6 = 10;
    private const uint AF_NETLINK = 16;
    private const uint SOCK_STREAM = 1;
    private const uint SOCK_DGRAM = 2;
    private const uint SocketKind = 0xf;
    private const uint MSG_FASTOPEN = 0x20000000;

    /// <summary>The filter of this process for a plan.</summary>
    public static ulong[] Build(SandboxPlan plan) => Build(plan, RuntimeInformation.ProcessArchitecture, (uint)Environment.ProcessId);

    /// <summary>The filter of a process.</summary>
    public static ulong[] Build(SandboxPlan plan, Architecture architecture, uint processId)
    {
        FilterProgram program = new(architecture);
        foreach (SystemCall call in RuntimeSystemCalls.All)
        {
            program.Allow(call);
        }
        AllowSockets(program, plan);
        AllowOwnProcess(program, processId);
        if (plan.MayStartWorkers)
        {
            AllowWorkers(program);
        }
        foreach (uint request in DeviceControls)
        {
            program.Allow(DeviceControl, ArgumentCheck.Of(1, request));
        }
        if (plan.Mountpoints.Count > 0)
        {
            program.Allow(DeviceControl, ArgumentCheck.Of(1, FUSE_DEV_IOC_CLONE));
            // For requests over io_uring. What a ring does no filter sees, and so none is made after the start.
            program.Allow(SetUpRing);
            program.Allow(EnterRing);
            program.Allow(RegisterWithRing);
            program.Allow(Filter, ArgumentCheck.Of(0, SECCOMP_SET_MODE_FILTER));
        }
        // By descriptor only: a path would be anybody's file. The halves of the pointer are both checked.
        program.Allow(SetTimes, ArgumentCheck.Of(1, 0), ArgumentCheck.OfUpper(1, 0));
        // 0600, as the listening socket has it.
        program.Allow(ChangeModeOfOpen, ArgumentCheck.Of(1, 0x180));
        if (plan.ChangesOwner)
        {
            program.Allow(ChangeMode[0], ArgumentCheck.Of(1, 0x1b0));
            program.Allow(ChangeMode[1], ArgumentCheck.Of(2, 0x1b0));
            program.Allow(ChangeOwner[0], ArgumentCheck.Of(1, uint.MaxValue));
            program.Allow(ChangeOwner[1], ArgumentCheck.Of(2, uint.MaxValue));
        }
        return program.Assemble();
    }

    /// <summary>What is laid on top when shares have started.</summary>
    public static ulong[] BuildAfterStart()
    {
        FilterProgram program = new(RuntimeInformation.ProcessArchitecture);
        program.Hide(SetUpRing);
        return program.Assemble(allowsRest: true);
    }

    /// <summary>Threads and no processes, signals and limits of its own.</summary>
    private static void AllowOwnProcess(FilterProgram program, uint processId)
    {
        program.Allow(Clone, ArgumentCheck.Of(0, CLONE_VM | CLONE_THREAD, CLONE_VM | CLONE_THREAD | NewNamespaces));
        // Its flags lie in memory, which a filter cannot read: the C library falls back to clone.
        program.Hide(Clone3);
        foreach (uint control in ProcessControls)
        {
            program.Allow(ProcessControl, ArgumentCheck.Of(0, control));
        }
        program.Allow(SignalThread, ArgumentCheck.Of(0, processId));
        program.Allow(Signal, ArgumentCheck.Of(0, processId));
        program.Allow(ResourceLimit, ArgumentCheck.Of(0, 0));
    }

    /// <summary>
    /// Processes that begin as this program, and that have this filter, too. Landlock lets nothing else be executed; without it none
    /// are allowed. A worker's own number is not known here, so that signals to threads are Landlock's to bound, too.
    /// </summary>
    private static void AllowWorkers(FilterProgram program)
    {
        foreach (SystemCall call in Starting)
        {
            program.Allow(call);
        }
        program.Allow(Clone, ArgumentCheck.Of(0, CLONE_VM | CLONE_VFORK, CLONE_VM | CLONE_VFORK | CLONE_THREAD | NewNamespaces));
        program.Allow(SignalThread);
        program.Allow(Signal, ArgumentCheck.Of(1, SIGKILL));
    }

    /// <summary>
    /// Without a network a process listens on UNIX sockets and answers. It never connects, and has no datagrams, which
    /// need no connection, except to its service manager.
    /// </summary>
    private static void AllowSockets(FilterProgram program, SandboxPlan plan)
    {
        program.Allow(Socket, ArgumentCheck.Of(0, AF_UNIX), ArgumentCheck.Of(1, SOCK_STREAM, SocketKind));
        if (plan.Notifies || plan.Network)
        {
            program.Allow(Socket, ArgumentCheck.Of(0, AF_UNIX), ArgumentCheck.Of(1, SOCK_DGRAM, SocketKind));
        }
        if (plan.Network)
        {
            program.Allow(Socket, ArgumentCheck.Of(0, AF_INET));
            program.Allow(Socket, ArgumentCheck.Of(0, AF_INET6));
            program.Allow(Socket, ArgumentCheck.Of(0, AF_NETLINK), ArgumentCheck.Of(2, 0));
            program.Allow(SendTo);
            program.Allow(SendMessage);
            foreach (SystemCall call in Connecting)
            {
                program.Allow(call);
            }
            return;
        }
        if (plan.ListensOnTcp)
        {
            program.Allow(Socket, ArgumentCheck.Of(0, AF_INET), ArgumentCheck.Of(1, SOCK_STREAM, SocketKind));
            program.Allow(Socket, ArgumentCheck.Of(0, AF_INET6), ArgumentCheck.Of(1, SOCK_STREAM, SocketKind));
        }
        // MSG_FASTOPEN connects.
        program.Allow(SendTo, ArgumentCheck.Of(3, 0, MSG_FASTOPEN));
        program.Allow(SendMessage, ArgumentCheck.Of(2, 0, MSG_FASTOPEN));
    }
}
