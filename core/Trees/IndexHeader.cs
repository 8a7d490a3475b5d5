using System.Buffers.Binary;
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

    /// <summary>What <see cref="Fields"/> takes: the sections' table follows.</summary>
    public const int FieldsLength = 48;

    public const int MaxSections = (Length - FieldsLength) / SectionLength;

    private const int SectionLength = 40;
    private const int ChecksumPosition = 32;

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
        public Checksum Checksum;
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
        public Checksum Checksum;
    }

    /// <summary>Reads the table of sections; null if the header is none of a file of this length, or damaged.</summary>
    public static Section[]? Read(ReadOnlySpan<byte> header, long fileLength)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic || BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) != FormatVersion
            || count is < 0 or > MaxSections || BinaryPrimitives.ReadInt64LittleEndian(header[16..]) != fileLength
            || GetChecksum(header) != ReadChecksum(header[ChecksumPosition..]))
        {
            return null;
        }
        Section[] sections = new Section[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> row = header.Slice(FieldsLength + (i * SectionLength), SectionLength);
            sections[i] = new Section
            {
                Number = BinaryPrimitives.ReadInt32LittleEndian(row),
                ElementSize = BinaryPrimitives.ReadInt32LittleEndian(row[4..]),
                Position = BinaryPrimitives.ReadInt64LittleEndian(row[8..]),
                Length = BinaryPrimitives.ReadInt64LittleEndian(row[16..]),
                Checksum = ReadChecksum(row[24..]),
            };
        }
        return sections;
    }

    /// <summary>Puts the header's checksum in its place.</summary>
    public static void Seal(Span<byte> header)
    {
        Checksum checksum = GetChecksum(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[ChecksumPosition..], checksum.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(header[(ChecksumPosition + sizeof(ulong))..], checksum.High);
    }

    /// <summary>The checksum that a header should have.</summary>
    private static Checksum GetChecksum(ReadOnlySpan<byte> header)
    {
        byte[] copy = header.ToArray();
        copy.AsSpan(ChecksumPosition, 2 * sizeof(ulong)).Clear();
        return SectionChecksum.Of(copy);
    }

    private static Checksum ReadChecksum(ReadOnlySpan<byte> bytes)
        => new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(ulong)..]));
}
