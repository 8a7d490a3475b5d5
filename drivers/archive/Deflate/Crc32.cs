namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>The CRC-32 of zip and gzip.</summary>
internal static class Crc32
{
    /// <summary>Continues a checksum, which begins as 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
        => bytes.IsEmpty ? crc : RuntimeZLib.IsAvailable ? RuntimeZLib.Crc32(crc, bytes, bytes.Length) : (uint)ZLib.Crc32(crc, bytes, (uint)bytes.Length);
}
