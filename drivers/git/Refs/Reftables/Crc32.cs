namespace Kaleidofs.Drivers.Git.Refs.Reftables;

/// <summary>The checksum of zip and zlib, of few bytes.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xedb88320;

    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * Polynomial);
            }
        }
        return ~crc;
    }
}
