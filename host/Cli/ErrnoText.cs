using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Cli;

/// <summary>The C library's words for error numbers.</summary>
internal static class ErrnoText
{
    public static string Describe(this Errno errno) => Marshal.GetPInvokeErrorMessage((int)errno);
}
