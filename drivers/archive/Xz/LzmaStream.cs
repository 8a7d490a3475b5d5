using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>lzma_stream of lzma/base.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LzmaStream
{
    public nint NextIn;
    public nuint AvailableIn;
    public ulong TotalIn;
    public nint NextOut;
    public nuint AvailableOut;
    public ulong TotalOut;
    public nint Allocator;
    public nint Internal;
    public nint Reserved1;
    public nint Reserved2;
    public nint Reserved3;
    public nint Reserved4;
    public ulong SeekPosition;
    public ulong Reserved5;
    public nuint Reserved6;
    public nuint Reserved7;
    public int Reserved8;
    public int Reserved9;
}
