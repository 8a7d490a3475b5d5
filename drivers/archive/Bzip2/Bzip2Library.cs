using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Bzip2;

/// <summary>The part of libbz2 (bzlib.h) that decodes.</summary>
internal static partial class Bzip2Library
{
    public const int Ok = 0;
    public const int NoMemory = -3;

    private const string Library = "libbz2.so.1.0";

    [LibraryImport(Library, EntryPoint = "BZ2_bzDecompressInit")]
    public static partial int Start(ref Bzip2Stream stream, int verbosity, int usesLittleMemory);

    [LibraryImport(Library, EntryPoint = "BZ2_bzDecompress")]
    public static partial int Decompress(ref Bzip2Stream stream);

    [LibraryImport(Library, EntryPoint = "BZ2_bzDecompressEnd")]
    public static partial int End(ref Bzip2Stream stream);
}
