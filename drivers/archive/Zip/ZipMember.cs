using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>An entry's content, after both its headers were read and compared.</summary>
/// <param name="Entry">Its number in the tree.</param>
/// <param name="Data">Where its data stands, decrypted.</param>
/// <param name="Size">How many bytes come out.</param>
/// <param name="Crc">Their checksum; null if it has none.</param>
/// <param name="Codec">How it is compressed; null if it is stored.</param>
/// <param name="Refusal">Why it cannot be read; none if it can.</param>
internal sealed record ZipMember(int Entry, ByteRange Data, long Size, uint? Crc, Codec? Codec, Errno Refusal)
{
    public bool IsStored => Codec is null;

    /// <summary>How it is decrypted; null if it is not encrypted.</summary>
    public DecryptingSource? Decryption => Data.File as DecryptingSource;

    /// <summary>Whether its bytes stand in the archive as they are.</summary>
    public bool IsInPlace => IsStored && Decryption is null;

    /// <summary>Whether an authentication code stands for all of its data.</summary>
    public bool IsAuthenticated => Decryption is { IsAuthenticated: true };

    public static ZipMember Refused(int entry, Errno refusal) => new(entry, default, 0, null, null, refusal);
}
