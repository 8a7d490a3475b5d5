using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Bzip2;

/// <summary>bz_stream of bzlib.h. libbz2 keeps its address: it must not move while it is in use.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Bzip2Stream
{
    public nint NextIn;
    public uint AvailableIn;
    public uint TotalInLow;
    public uint TotalInHigh;
    public nint NextOut;
    public uint AvailableOut;
    public uint TotalOutLow;
    public uint TotalOutHigh;
    public nint State;
    public nint Allocate;
    public nint Free;
    public nint Opaque;
}
