using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>z_stream of zlib.h. zlib keeps its address: it must not move while it is in use.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ZStream
{
    public nint NextIn;
    public uint AvailableIn;
    public nuint TotalIn;
    public nint NextOut;
    public uint AvailableOut;
    public nuint TotalOut;
    public nint Message;
    public nint State;
    public nint Allocate;
    public nint Free;
    public nint Opaque;
    public int DataType;
    public nuint Adler;
    public nuint Reserved;
}
