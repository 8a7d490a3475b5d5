using System.Runtime.InteropServices;

namespace Kaleidofs.Tests.Posix;

/// <summary>struct stat of x86-64 (asm/stat.h).</summary>
[StructLayout(LayoutKind.Explicit, Size = 144)]
internal record struct StatBuffer
{
    public const uint TypeMask = 0xF000, Directory = 0x4000, Regular = 0x8000, SymbolicLink = 0xA000, Fifo = 0x1000, CharacterDevice = 0x2000;

    [FieldOffset(0)] public ulong Device;
    [FieldOffset(8)] public ulong Inode;
    [FieldOffset(16)] public ulong LinkCount;
    [FieldOffset(24)] public uint Mode;
    [FieldOffset(28)] public uint User;
    [FieldOffset(32)] public uint Group;
    [FieldOffset(40)] public ulong DeviceId;
    [FieldOffset(48)] public long Size;
    [FieldOffset(56)] public long BlockSize;
    [FieldOffset(64)] public long Blocks;
    [FieldOffset(72)] public long AccessSeconds;
    [FieldOffset(80)] public long AccessNanoseconds;
    [FieldOffset(88)] public long ModificationSeconds;
    [FieldOffset(96)] public long ModificationNanoseconds;
    [FieldOffset(104)] public long ChangeSeconds;
    [FieldOffset(112)] public long ChangeNanoseconds;

    public readonly uint Type => Mode & TypeMask;
    public readonly uint Permissions => Mode & 0xFFF;
}
