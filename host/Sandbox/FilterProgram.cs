using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Sandbox;

/// <summary>
/// Assembles a filter of system calls (seccomp(2)): classic BPF over struct seccomp_data. What no rule allows fails
/// with EPERM, and what this program has never heard of with ENOSYS, so that a C library newer than it falls back to
/// what it knows. A call by another architecture's numbers ends the process: nothing in it makes any.
/// </summary>
internal sealed class FilterProgram
{
    // linux/bpf_common.h: BPF_LD|BPF_W|BPF_ABS, BPF_ALU|BPF_AND|BPF_K, BPF_JMP|BPF_JEQ|BPF_K, BPF_JMP|BPF_JGE|BPF_K, BPF_RET|BPF_K.
    private const ushort Load = 0x20;
    private const ushort And = 0x54;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort Return = 0x06;

    // struct seccomp_data of linux/seccomp.h.
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint ArgumentsOffset = 16;

    // SECCOMP_RET_* of linux/seccomp.h.
    private const uint Allowed = 0x7fff0000;
    private const uint Fails = 0x00050000;
    private const uint KillsProcess = 0x80000000;

    // AUDIT_ARCH_* of linux/audit.h.
    private const uint ArchitectureX64 = 0xc000003e;
    private const uint ArchitectureArm64 = 0xc00000b7;

    private const uint EPERM = 1;
    private const uint ENOSYS = 38;

    /// <summary>Numbers from here on are newer than this program (mseal, Linux 6.10, is 462), or the x32 interface's.</summary>
    private const uint FirstUnknown = 463;

    private readonly Architecture _architecture;
    private readonly List<ulong> _instructions = [];

    public FilterProgram(Architecture architecture)
    {
        _architecture = architecture;
        Add(Load, ArchitectureOffset);
        Add(JumpIfEqual, architecture == Architecture.Arm64 ? ArchitectureArm64 : ArchitectureX64, whenTrue: 1);
        Add(Return, KillsProcess);
        Add(Load, NumberOffset);
        Add(JumpIfAtLeast, FirstUnknown, whenFalse: 1);
        Add(Return, Fails | ENOSYS);
    }

    /// <summary>The program. What was not allowed fails, unless it only takes something away from a filter beneath it.</summary>
    public ulong[] Assemble(bool allowsRest = false)
    {
        Add(Return, allowsRest ? Allowed : Fails | EPERM);
        return [.. _instructions];
    }

    /// <summary>Allows a call whatever its arguments are.</summary>
    public void Allow(SystemCall call) => Allow(call, []);

    /// <summary>Allows a call if all checks hold. Several rules of one call are alternatives.</summary>
    public void Allow(SystemCall call, params ReadOnlySpan<ArgumentCheck> checks)
    {
        if (Number(call) is not { } number)
        {
            return;
        }
        int length = (checks.Length * 3) + 1 + (checks.IsEmpty ? 0 : 1);
        Add(JumpIfEqual, number, whenFalse: (byte)length);
        for (int i = 0; i < checks.Length; i++)
        {
            Add(Load, ArgumentsOffset + (4 * (uint)checks[i].Word));
            Add(And, checks[i].Mask);
            // To where the number is loaded again, behind the other checks and the return.
            Add(JumpIfEqual, checks[i].Value, whenFalse: (byte)(((checks.Length - 1 - i) * 3) + 1));
        }
        Add(Return, Allowed);
        if (!checks.IsEmpty)
        {
            Add(Load, NumberOffset);
        }
    }

    /// <summary>Lets a call fail as it does on a kernel without it.</summary>
    public void Hide(SystemCall call)
    {
        if (Number(call) is { } number)
        {
            Add(JumpIfEqual, number, whenFalse: 1);
            Add(Return, Fails | ENOSYS);
        }
    }

    private uint? Number(SystemCall call)
    {
        int number = _architecture == Architecture.Arm64 ? call.Arm64 : call.X64;
        return number < 0 ? null : (uint)number;
    }

    /// <summary>struct sock_filter: code, the two jumps, operand.</summary>
    private void Add(ushort code, uint operand, byte whenTrue = 0, byte whenFalse = 0)
        => _instructions.Add(code | (ulong)whenTrue << 16 | (ulong)whenFalse << 24 | (ulong)operand << 32);
}
