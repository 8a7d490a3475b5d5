using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Checksum and sizes behind an entry's data (APPNOTE 4.3.9): with a signature or without, of 32 or 64 bits, which nothing tells.</summary>
internal static class DataDescriptor
{
    /// <summary>The longest form.</summary>
    public const int MaxLength = 24;

    /// <summary>Whether a descriptor in one of the forms stands here and says this.</summary>
    public static bool Agrees(ReadOnlySpan<byte> bytes, uint crc, long size, long compressedSize)
        => AgreesUnsigned(bytes, crc, size, compressedSize)
            || (BinaryPrimitives.TryReadUInt32LittleEndian(bytes, out uint signature) && signature == ZipFormat.DescriptorSignature
                && AgreesUnsigned(bytes[sizeof(uint)..], crc, size, compressedSize));

    private static bool AgreesUnsigned(ReadOnlySpan<byte> bytes, uint crc, long size, long compressedSize)
    {
        if (!BinaryPrimitives.TryReadUInt32LittleEndian(bytes, out uint told) || told != crc)
        {
            return false;
        }
        bytes = bytes[sizeof(uint)..];
        return (bytes.Length >= 2 * sizeof(uint)
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == compressedSize && BinaryPrimitives.ReadUInt32LittleEndian(bytes[sizeof(uint)..]) == size)
            || (bytes.Length >= 2 * sizeof(long)
                && BinaryPrimitives.ReadInt64LittleEndian(bytes) == compressedSize && BinaryPrimitives.ReadInt64LittleEndian(bytes[sizeof(long)..]) == size);
    }
}
