using System.Runtime.InteropServices;

namespace Kaleidofs.Trees;

/// <summary>The first page of an index file, in the byte order of the machines that there are (little-endian).</summary>
internal static class IndexHeader
{
    /// <summary>Raised when anything in the file comes to mean something else.</summary>
    public const uint FormatVersion = 1;

    /// <summary>What the header takes: sections begin behind it.</summary>
    public const int Length = 4096;

    /// <summary>Where a section may begin: values of any size that a column has are aligned then.</summary>
    public const int Alignment = 64;

    public static ulong Magic => BitConverter.ToUInt64("KaleidoX"u8);

    public static int MaxSections => (Length - Marshal.SizeOf<Fields>()) / Marshal.SizeOf<Section>();

    /// <summary>The header's fields; the sections follow.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Fields
    {
        public ulong Magic;
        public uint FormatVersion;
        public int SectionCount;
        public long FileLength;
        public ulong Reserved;
        /// <summary>Of the whole header, with these 16 bytes zero.</summary>
        public ulong ChecksumLow;
        public ulong ChecksumHigh;
    }

    /// <summary>One section.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Section
    {
        public int Number;
        /// <summary>The size of one of its values.</summary>
        public int ElementSize;
        public long Position;
        public long Length;
        public ulong ChecksumLow;
        public ulong ChecksumHigh;
    }

    /// <summary>Puts the header's checksum in its place.</summary>
    public static void Seal(Span<byte> header)
    {
        UInt128 checksum = GetChecksum(header);
        ref Fields fields = ref MemoryMarshal.AsRef<Fields>(header);
        (fields.ChecksumLow, fields.ChecksumHigh) = ((ulong)checksum, (ulong)(checksum >> 64));
    }

    /// <summary>The checksum that a header should have.</summary>
    public static UInt128 GetChecksum(ReadOnlySpan<byte> header)
    {
        byte[] copy = header.ToArray();
        ref Fields fields = ref MemoryMarshal.AsRef<Fields>(copy.AsSpan());
        (fields.ChecksumLow, fields.ChecksumHigh) = (0, 0);
        return SectionChecksum.Of(copy);
    }
}
