using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Sandbox;
using Kaleidofs.Host.Serving;
using Machine = System.Runtime.InteropServices.Architecture;

namespace Kaleidofs.Tests.Unit.Sandbox;

/// <summary>The filter's program, run as the kernel runs it, for both architectures on any.</summary>
public sealed class FilterTests
{
    private const uint Allowed = 0x7fff0000;
    private const uint NotPermitted = 0x00050001;
    private const uint NotImplemented = 0x00050026;
    private const uint Killed = 0x80000000;
    private const uint X64 = 0xc000003e;
    private const uint Arm64 = 0xc00000b7;
    private const uint OwnProcess = 1234;

    private static readonly SandboxPlan Local = new([], DriverCatalog.Scan([]));

    /// <summary>A call by its numbers, and what becomes of it.</summary>
    public static TheoryData<string, int, int, ulong[], uint> Calls => new()
    {
        { "read", 0, 63, [], Allowed },
        { "mmap", 9, 222, [0, 4096, 7], Allowed },
        { "execve", 59, 221, [], NotPermitted },
        { "execveat", 322, 281, [], NotPermitted },
        { "fork", 57, -1, [], NotPermitted },
        { "vfork", 58, -1, [], NotPermitted },
        { "ptrace", 101, 117, [], NotPermitted },
        { "mount", 165, 40, [], NotPermitted },
        { "unshare", 272, 97, [], NotPermitted },
        { "bpf", 321, 280, [], NotPermitted },
        { "io_uring_setup", 425, 425, [], NotPermitted },
        { "open_by_handle_at", 304, 265, [], NotPermitted },
        { "connect", 42, 203, [], NotPermitted },
        { "clone3", 435, 435, [], NotImplemented },
        { "a call of the future", 500, 500, [], NotImplemented },
        { "x32's read", 0x40000000, 0x40000000, [], NotImplemented },
        { "clone, as pthread_create does", 56, 220, [0x3d0f00], Allowed },
        { "clone, as fork does", 56, 220, [0x1200011], NotPermitted },
        { "clone, a thread in a user namespace", 56, 220, [0x3d0f00 | 0x10000000], NotPermitted },
        { "socket, UNIX stream", 41, 198, [1, 1 | 0x80000], Allowed },
        { "socket, UNIX datagram", 41, 198, [1, 2], NotPermitted },
        { "socket, TCP", 41, 198, [2, 1], NotPermitted },
        { "socket, UDP6", 41, 198, [10, 2], NotPermitted },
        { "socket, packets", 41, 198, [17, 3], NotPermitted },
        { "sendto, which connects", 44, 206, [3, 0, 0, 0x20000000], NotPermitted },
        { "sendto", 44, 206, [3, 0, 0, 0x4000], Allowed },
        { "tgkill itself", 234, 131, [OwnProcess, 5], Allowed },
        { "tgkill another", 234, 131, [OwnProcess + 1, 5], NotPermitted },
        { "kill a group", 62, 129, [unchecked((ulong)-1)], NotPermitted },
        { "ioctl that types", 16, 29, [0, 0x5412], NotPermitted },
        { "ioctl that asks for the terminal", 16, 29, [0, 0x5401], Allowed },
        { "prctl that names", 157, 167, [15], Allowed },
        { "prctl that traces", 157, 167, [0x59616d61], NotPermitted },
        { "fchmod 0600", 91, 52, [3, 0x180], Allowed },
        { "fchmod 04755", 91, 52, [3, 0x9ed], NotPermitted },
        { "utimensat by descriptor", 280, 88, [3, 0], Allowed },
        { "utimensat by path", 280, 88, [3, 0x700000000000], NotPermitted },
        { "prlimit64 itself", 302, 261, [0], Allowed },
        { "prlimit64 another", 302, 261, [1], NotPermitted },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Every_call_has_its_outcome(string name, int x64, int arm64, ulong[] arguments, uint outcome)
    {
        Assert.NotEmpty(name);
        Assert.Equal(outcome, Run(SystemCallFilter.Build(Local, Machine.X64, OwnProcess), X64, x64, arguments));
        if (arm64 >= 0)
        {
            Assert.Equal(outcome, Run(SystemCallFilter.Build(Local, Machine.Arm64, OwnProcess), Arm64, arm64, arguments));
        }
    }

    [Theory]
    [InlineData(Machine.X64, Arm64)]
    [InlineData(Machine.Arm64, X64)]
    [InlineData(Machine.X64, 0x40000003)]
    public void Numbers_of_another_architecture_end_the_process(Machine architecture, uint calledBy)
        => Assert.Equal(Killed, Run(SystemCallFilter.Build(Local, architecture, OwnProcess), calledBy, 0, []));

    [Fact]
    public void Only_a_socket_that_is_given_to_a_group_may_change_hands()
    {
        ShareSettings share = new() { Name = "x", Source = "null:", SocketPath = "/tmp/x", SocketGroup = "0" };
        ulong[] program = SystemCallFilter.Build(new SandboxPlan([share], DriverCatalog.Scan([])), Machine.X64, OwnProcess);
        Assert.Equal(Allowed, Run(program, X64, 90, [0, 0x1b0]));
        Assert.Equal(NotPermitted, Run(program, X64, 90, [0, 0x1ff]));
        Assert.Equal(Allowed, Run(program, X64, 94, [0, uint.MaxValue, 7]));
        Assert.Equal(NotPermitted, Run(program, X64, 94, [0, 0, 7]));
        Assert.Equal(NotPermitted, Run(SystemCallFilter.Build(Local, Machine.X64, OwnProcess), X64, 90, [0, 0x1b0]));
    }

    /// <summary>Classic BPF, the instructions that the filter has; a jump or a load that leaves its bounds is an exception.</summary>
    private static uint Run(ulong[] program, uint architecture, int number, ulong[] arguments)
    {
        uint[] data = new uint[16];
        (data[0], data[1]) = ((uint)number, architecture);
        for (int i = 0; i < arguments.Length; i++)
        {
            (data[4 + (2 * i)], data[5 + (2 * i)]) = ((uint)arguments[i], (uint)(arguments[i] >> 32));
        }
        uint accumulator = 0;
        for (int at = 0; ; at++)
        {
            uint operand = (uint)(program[at] >> 32);
            int whenTrue = (byte)(program[at] >> 16);
            int whenFalse = (byte)(program[at] >> 24);
            switch ((ushort)program[at])
            {
                case 0x20:
                    accumulator = data[operand / 4];
                    break;
                case 0x54:
                    accumulator &= operand;
                    break;
                case 0x15:
                    at += accumulator == operand ? whenTrue : whenFalse;
                    break;
                case 0x35:
                    at += accumulator >= operand ? whenTrue : whenFalse;
                    break;
                case 0x06:
                    return operand;
                default:
                    throw new InvalidOperationException($"{program[at]:x}");
            }
        }
    }
}
