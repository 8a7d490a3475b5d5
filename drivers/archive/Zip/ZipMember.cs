using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>An entry's content, after both its headers were read and compared.</summary>
/// <param name="Entry">Its number in the tree.</param>
/// <param name="Start">Where its data begins.</param>
/// <param name="CompressedSize">How long that is.</param>
/// <param name="Size">How many bytes come out.</param>
/// <param name="Crc">Their checksum.</param>
/// <param name="Codec">How it is compressed; null if it is stored.</param>
/// <param name="Refusal">Why it cannot be read; none if it can.</param>
internal sealed record ZipMember(int Entry, long Start, long CompressedSize, long Size, uint Crc, Codec? Codec, Errno Refusal)
{
    public bool IsStored => Codec is null;

    public static ZipMember Refused(int entry, Errno refusal) => new(entry, 0, 0, 0, 0, null, refusal);
}
