namespace Kaleidofs.Host.Sandbox;

/// <summary>A system call's number by architecture; -1 where there is none of the name.</summary>
/// <param name="Name">As in section 2 of the manual.</param>
/// <param name="X64">asm/unistd_64.h.</param>
/// <param name="Arm64">asm-generic/unistd.h.</param>
internal readonly record struct SystemCall(string Name, int X64, int Arm64);

/// <summary>What half of an argument must be; the lower 32 bits are all that the kernel looks at in most.</summary>
/// <param name="Word">Which half of the arguments, from 0; the lower one of an argument comes first, as on any little-endian machine.</param>
/// <param name="Mask">The bits that are compared.</param>
/// <param name="Value">What they must be.</param>
internal readonly record struct ArgumentCheck(int Word, uint Mask, uint Value)
{
    /// <summary>The lower half of an argument.</summary>
    public static ArgumentCheck Of(int argument, uint value, uint mask = uint.MaxValue) => new(2 * argument, mask, value);

    /// <summary>The upper half, for what is a pointer.</summary>
    public static ArgumentCheck OfUpper(int argument, uint value) => new((2 * argument) + 1, uint.MaxValue, value);
}
