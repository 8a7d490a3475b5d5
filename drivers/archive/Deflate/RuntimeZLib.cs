using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>
/// The zlib-ng that .NET brings with it, which inflates in half of zlib's time. Of it .NET exports what its own streams need: nothing to
/// stop between blocks or to begin in the middle with. It is no public part of .NET: tried before it is used, and done without where it is
/// not, or is another.
/// </summary>
internal static partial class RuntimeZLib
{
    private const string Library = "libSystem.IO.Compression.Native";

    /// <summary>Whether it is there, and inflates as expected.</summary>
    public static bool IsAvailable { get; } = Try();

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateInit2_")]
    public static partial int InflateInit(ref RuntimeZStream stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Inflate")]
    public static partial int Inflate(ref RuntimeZStream stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateReset2_")]
    public static partial int InflateReset(ref RuntimeZStream stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateEnd")]
    public static partial int InflateEnd(ref RuntimeZStream stream);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Crc32")]
    public static partial uint Crc32(uint crc, ReadOnlySpan<byte> bytes, int length);

    private static bool Try()
    {
        try
        {
            // "aaaa" by the fixed codes, and a byte more of input than it takes.
            byte[] input = GC.AllocateArray<byte>(7, pinned: true);
            byte[] output = GC.AllocateArray<byte>(16, pinned: true);
            ((ReadOnlySpan<byte>)[0x4B, 0x4C, 0x4C, 0x4C, 0x04, 0x00, 0xFF]).CopyTo(input);
            RuntimeZStream[] stream = GC.AllocateArray<RuntimeZStream>(1, pinned: true);
            if (InflateInit(ref stream[0], ZLib.RawWindowBits) != ZLib.Ok)
            {
                return false;
            }
            stream[0].NextIn = Marshal.UnsafeAddrOfPinnedArrayElement(input, 0);
            stream[0].AvailableIn = (uint)input.Length;
            stream[0].NextOut = Marshal.UnsafeAddrOfPinnedArrayElement(output, 0);
            stream[0].AvailableOut = (uint)output.Length;
            int result = Inflate(ref stream[0], ZLib.NoFlush);
            bool isRight = result == ZLib.StreamEnd && stream[0].AvailableIn == 1 && stream[0].AvailableOut == 12 && output.AsSpan(0, 4).SequenceEqual("aaaa"u8);
            isRight &= stream[0].NextIn == Marshal.UnsafeAddrOfPinnedArrayElement(input, 6) && stream[0].NextOut == Marshal.UnsafeAddrOfPinnedArrayElement(output, 4);
            isRight &= InflateReset(ref stream[0], ZLib.RawWindowBits) == ZLib.Ok && InflateEnd(ref stream[0]) == ZLib.Ok;
            return isRight && Crc32(0, "123456789"u8, 9) == 0xCBF43926;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false;
        }
    }
}
