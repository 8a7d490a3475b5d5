using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>lzma_block of lzma/block.h. The decoder keeps its address: it must not move while it is in use.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LzmaBlock
{
    /// <summary>An unknown size (LZMA_VLI_UNKNOWN).</summary>
    public const ulong Unknown = ulong.MaxValue;

    public uint Version;
    public uint HeaderLength;
    public int Check;
    public ulong CompressedLength;
    public ulong Length;
    public nint Filters;
    public RawCheck Value;
    public nint Reserved1;
    public nint Reserved2;
    public nint Reserved3;
    public uint Reserved4;
    public uint Reserved5;
    public ReservedSizes Reserved6;
    public ReservedEnums Reserved7;
    public ReservedFlags IgnoreCheckAndReserved;

    /// <summary>The check that the block has.</summary>
    [InlineArray(64)]
    internal struct RawCheck
    {
        private byte _first;
    }

    /// <summary>Room for later versions.</summary>
    [InlineArray(6)]
    internal struct ReservedSizes
    {
        private ulong _first;
    }

    /// <summary>Room for later versions.</summary>
    [InlineArray(4)]
    internal struct ReservedEnums
    {
        private int _first;
    }

    /// <summary>Whether not to compare the check, and room for later versions.</summary>
    [InlineArray(8)]
    internal struct ReservedFlags
    {
        private byte _first;
    }
}
