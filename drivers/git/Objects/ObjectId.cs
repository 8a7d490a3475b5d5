using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>An object's name: 20 bytes of SHA-1 or 32 of SHA-256, big-endian, so that they compare as their bytes do. What a shorter one lacks is zero.</summary>
internal readonly record struct ObjectId(ulong First, ulong Second, ulong Third, ulong Fourth) : IComparable<ObjectId>
{
    /// <summary>The longest in bytes.</summary>
    public const int MaxLength = 32;

    /// <summary>From its bytes, as many as the repository's format has.</summary>
    public static ObjectId Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        bytes.Length < MaxLength ? (ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]) << 32 : BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        bytes.Length < MaxLength ? 0 : BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    /// <summary>From all of its hexadecimal digits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> digits, ObjectFormat format, out ObjectId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (digits.Length != format.IdLength * 2 || !TryParsePrefix(digits, bytes))
        {
            return false;
        }
        id = Read(bytes[..format.IdLength]);
        return true;
    }

    /// <summary>From the first digits; the rest is zero.</summary>
    public static bool TryParsePrefix(ReadOnlySpan<byte> digits, Span<byte> bytes)
    {
        if (digits.Length > bytes.Length * 2)
        {
            return false;
        }
        bytes.Clear();
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[i] switch
            {
                >= (byte)'0' and <= (byte)'9' => digits[i] - '0',
                >= (byte)'a' and <= (byte)'f' => digits[i] - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => digits[i] - 'A' + 10,
                _ => -1,
            };
            if (digit < 0)
            {
                return false;
            }
            bytes[i / 2] |= (byte)(digit << (i % 2 == 0 ? 4 : 0));
        }
        return true;
    }

    /// <summary>Its bytes, as many as the destination takes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, First);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Second);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], Third);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], Fourth);
        bytes[..destination.Length].CopyTo(destination);
    }

    /// <summary>Its hexadecimal digits.</summary>
    public string ToHex(ObjectFormat format)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes[..format.IdLength]);
    }

    /// <inheritdoc/>
    public int CompareTo(ObjectId other)
    {
        int order = First.CompareTo(other.First);
        order = order != 0 ? order : Second.CompareTo(other.Second);
        order = order != 0 ? order : Third.CompareTo(other.Third);
        return order != 0 ? order : Fourth.CompareTo(other.Fourth);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(First ^ (First >> 32));
}
