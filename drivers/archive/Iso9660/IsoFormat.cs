using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>What all of an image has in common (ECMA-119).</summary>
internal static class IsoFormat
{
    /// <summary>The unit of volume descriptors and of directories.</summary>
    public const int SectorLength = 2048;

    /// <summary>What stands before the volume descriptors is the boot loader's.</summary>
    public const int SystemAreaLength = 16 * SectorLength;

    /// <summary>How many bytes tell an image.</summary>
    public const int HeadLength = SystemAreaLength + SectorLength;

    /// <summary>Where in a descriptor it is told whose it is.</summary>
    private const int IdentifierOffset = 1;
    private const int IdentifierLength = 5;

    /// <summary>Whether a file is an image.</summary>
    public static bool Recognizes(ByteSource file)
    {
        Span<byte> beginning = stackalloc byte[IdentifierOffset + IdentifierLength];
        return file.TryRead(SystemAreaLength, beginning) && Recognizes(beginning);
    }

    /// <summary>Whether this is the first descriptor of an image; also of one that is UDF alone, so that it is said what that is.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> descriptor) => IsStandard(descriptor) || GetIdentifier(descriptor).SequenceEqual("BEA01"u8);

    /// <summary>Whether a descriptor is ISO 9660's.</summary>
    public static bool IsStandard(ReadOnlySpan<byte> descriptor) => GetIdentifier(descriptor).SequenceEqual("CD001"u8);

    /// <summary>Whether a descriptor is of UDF or others who stand in the same row.</summary>
    public static bool IsExtended(ReadOnlySpan<byte> descriptor)
        => GetIdentifier(descriptor) is var name && (name.SequenceEqual("BEA01"u8) || name.SequenceEqual("TEA01"u8) || name.SequenceEqual("BOOT2"u8) || IsUdf(descriptor));

    /// <summary>Whether a descriptor says that there is UDF.</summary>
    public static bool IsUdf(ReadOnlySpan<byte> descriptor) => GetIdentifier(descriptor) is var name && (name.SequenceEqual("NSR02"u8) || name.SequenceEqual("NSR03"u8));

    /// <summary>Reads a number that stands there in both byte orders; false if they differ.</summary>
    public static bool TryReadBoth32(ReadOnlySpan<byte> field, out uint value)
    {
        value = BinaryPrimitives.ReadUInt32LittleEndian(field);
        return value == BinaryPrimitives.ReadUInt32BigEndian(field[sizeof(uint)..]);
    }

    /// <summary>Reads a short one.</summary>
    public static bool TryReadBoth16(ReadOnlySpan<byte> field, out ushort value)
    {
        value = BinaryPrimitives.ReadUInt16LittleEndian(field);
        return value == BinaryPrimitives.ReadUInt16BigEndian(field[sizeof(ushort)..]);
    }

    private static ReadOnlySpan<byte> GetIdentifier(ReadOnlySpan<byte> descriptor) => descriptor.Slice(IdentifierOffset, IdentifierLength);
}
