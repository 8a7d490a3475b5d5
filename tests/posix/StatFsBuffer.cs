using System.Runtime.InteropServices;

namespace Kaleidofs.Tests.Posix;

/// <summary>struct statfs of x86-64 (asm/statfs.h).</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal struct StatFsBuffer
{
    /// <summary>FUSE_SUPER_MAGIC.</summary>
    public const long FuseMagic = 0x65735546;
    /// <summary>ST_RDONLY.</summary>
    public const long ReadOnly = 1;

    public long Type;
    public long BlockSize;
    public ulong Blocks;
    public ulong FreeBlocks;
    public ulong AvailableBlocks;
    public ulong Files;
    public ulong FreeFiles;
    public long Identity;
    public long NameLength;
    public long FragmentSize;
    public long Flags;
}
