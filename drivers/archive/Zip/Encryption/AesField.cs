using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Zip.Encryption;

/// <summary>The extra field of an entry that is encrypted by AES (WinZip's AE-1 and AE-2): the entry's method is 99, the true one stands here.</summary>
/// <param name="Version">1, or 2 for entries without a CRC.</param>
/// <param name="KeyLength">In bytes: 16, 24 or 32.</param>
/// <param name="Method">How the content is compressed.</param>
internal readonly record struct AesField(int Version, int KeyLength, ushort Method)
{
    public const ushort Id = 0x9901;

    private const int FieldLength = 7;

    public bool HasCrc => Version == 1;

    public int SaltLength => KeyLength / 2;

    /// <summary>Finds and reads it; false if it is not there once, or says nothing that is known.</summary>
    public static bool TryRead(ReadOnlySpan<byte> extra, out AesField field)
    {
        field = default;
        if (!ZipExtraFields.TryFindOnly(extra, Id, out ReadOnlySpan<byte> content) || content.Length != FieldLength)
        {
            return false;
        }
        int version = BinaryPrimitives.ReadUInt16LittleEndian(content);
        int strength = content[4];
        field = new AesField(version, 8 + (8 * strength), BinaryPrimitives.ReadUInt16LittleEndian(content[5..]));
        return version is 1 or 2 && strength is >= 1 and <= 3 && content[2..4].SequenceEqual("AE"u8);
    }
}
