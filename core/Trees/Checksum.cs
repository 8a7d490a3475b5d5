using System.Globalization;
using System.Runtime.InteropServices;

namespace Kaleidofs.Trees;

/// <summary>The value of a <see cref="SectionChecksum"/>. Not UInt128, for which no code is compiled before the program runs.</summary>
/// <param name="Low">Its lower half.</param>
/// <param name="High">Its upper half.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Checksum(ulong Low, ulong High)
{
    /// <summary>All 32 digits.</summary>
    public override string ToString() => High.ToString("x16", CultureInfo.InvariantCulture) + Low.ToString("x16", CultureInfo.InvariantCulture);
}
