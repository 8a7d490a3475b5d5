using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>
/// The zlib-ng that .NET brings with it, which inflates in half of zlib's time. Of it .NET exports what its own streams need: nothing to
/// begin in the middle with, and where it stopped between two blocks is told by nothing but zlib-ng's own z_stream, which .NET keeps behind
/// its stream. It is no public part of .NET: tried before it is used, and done without where it is not, or is another.
/// </summary>
internal static partial class RuntimeZLib
{
    private const string Library = "libSystem.IO.Compression.Native";

    private static readonly int DataTypeOffset = (int)Marshal.OffsetOf<ZStream>(nameof(ZStream.DataType));
    private static readonly int AvailableInOffset = (int)Marshal.OffsetOf<ZStream>(nameof(ZStream.AvailableIn));

    /// <summary>Whether it is there, and inflates as expected.</summary>
    public static bool IsAvailable { get; } = Try();

    /// <summary>Whether <see cref="GetDataType"/> tells where a block ends.</summary>
    public static bool TellsOfBlocks { get; } = IsAvailable && TryBlocks();

    /// <summary>data_type of zlib.h: how many bits of the last byte are left, and whether it stopped behind a block.</summary>
    public static int GetDataType(in RuntimeZStream stream) => Marshal.ReadInt32(stream.State, DataTypeOffset);

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
            if (TryStart([0x4B, 0x4C, 0x4C, 0x4C, 0x04, 0x00, 0xFF], out byte[] input, out byte[] output) is not { } stream)
            {
                return false;
            }
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

    /// <summary>Two blocks by the fixed codes, the first of which ends within a byte: stopped at, it must be told from its end.</summary>
    private static bool TryBlocks()
    {
        // "a", not the last block: 3 bits, 8, and 7 for its end; then "a", the last one.
        if (TryStart([0x4A, 0x04, 0x2C, 0x11, 0x00], out byte[] input, out byte[] output) is not { } stream)
        {
            return false;
        }
        bool isRight = Inflate(ref stream[0], ZLib.Block) == ZLib.Ok && stream[0].State != 0;
        // 18 bits of the first three bytes: six of the third are left, and two bytes behind it.
        isRight = isRight && stream[0].AvailableIn == 2 && stream[0].AvailableOut == 15 && Marshal.ReadInt32(stream[0].State, AvailableInOffset) == 2
            && GetDataType(stream[0]) == (ZLib.AtBlockEnd | 6);
        isRight = isRight && Inflate(ref stream[0], ZLib.NoFlush) == ZLib.StreamEnd && stream[0].AvailableOut == 14 && output.AsSpan(0, 2).SequenceEqual("aa"u8);
        isRight = InflateEnd(ref stream[0]) == ZLib.Ok && isRight;
        // Pinned, but not held by what points to it.
        GC.KeepAlive(input);
        return isRight;
    }

    /// <summary>A stream, pinned, before its first input; null if the library makes none.</summary>
    private static RuntimeZStream[]? TryStart(ReadOnlySpan<byte> data, out byte[] input, out byte[] output)
    {
        input = GC.AllocateArray<byte>(data.Length, pinned: true);
        output = GC.AllocateArray<byte>(16, pinned: true);
        data.CopyTo(input);
        RuntimeZStream[] stream = GC.AllocateArray<RuntimeZStream>(1, pinned: true);
        if (InflateInit(ref stream[0], ZLib.RawWindowBits) != ZLib.Ok)
        {
            return null;
        }
        stream[0].NextIn = Marshal.UnsafeAddrOfPinnedArrayElement(input, 0);
        stream[0].AvailableIn = (uint)input.Length;
        stream[0].NextOut = Marshal.UnsafeAddrOfPinnedArrayElement(output, 0);
        stream[0].AvailableOut = (uint)output.Length;
        return stream;
    }
}
