using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

/// <summary>What a process may use at most (setrlimit(2)), and how its libraries take names.</summary>
internal static unsafe partial class Libc
{
    public const int RLIMIT_CPU = 0;
    public const int RLIMIT_FSIZE = 1;
    public const int RLIMIT_DATA = 2;
    public const int RLIMIT_CORE = 4;

    /// <summary>Bounds this process for good; false, with the last error set, if that cannot be.</summary>
    public static bool SetLimit(int resource, ulong limit)
    {
        ulong* both = stackalloc ulong[2] { limit, limit };
        return SetResourceLimit(resource, both) == 0;
    }

    /// <summary>Takes the encoding of names from the environment (setlocale(3)), which .NET does not: for libraries that convert them.</summary>
    public static void UseEncoding()
    {
        const int LC_CTYPE = 0;
        _ = SetLocale(LC_CTYPE, "");
    }

    [LibraryImport(Library, EntryPoint = "setlocale", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint SetLocale(int category, string locale);

    [LibraryImport(Library, EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetResourceLimit(int resource, ulong* limits);
}
