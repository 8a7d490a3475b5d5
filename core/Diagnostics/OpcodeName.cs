using Kaleidofs.Protocol;

namespace Kaleidofs.Diagnostics;

/// <summary>What an opcode is called in metrics, in the status and in a trace: the kernel's name in small letters.</summary>
internal static class OpcodeName
{
    /// <summary>What stands for all numbers that are no opcode.</summary>
    public const string Other = "other";

    private static readonly string[] Names = [.. Enumerable.Range(0, OperationCounters.Opcodes)
        .Select(opcode => Enum.GetName((Opcode)opcode)?.ToLowerInvariant() ?? Other)];

    public static string Of(Opcode opcode) => (uint)opcode < (uint)Names.Length ? Names[(int)opcode] : Other;
}
