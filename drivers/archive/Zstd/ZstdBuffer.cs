using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Zstd;

/// <summary>ZSTD_inBuffer and ZSTD_outBuffer of zstd.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ZstdBuffer(nint start, int length)
{
    public nint Start = start;
    public nuint Length = (nuint)length;
    public nuint Position;
}
