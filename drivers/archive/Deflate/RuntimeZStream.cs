using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>PAL_ZStream of .NET's compression library. Only what it points to must not move.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RuntimeZStream
{
    public nint NextIn;
    public nint NextOut;
    public nint Message;
    public nint State;
    public uint AvailableIn;
    public uint AvailableOut;
}
