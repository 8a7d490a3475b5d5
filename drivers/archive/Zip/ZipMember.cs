namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>An entry's content, after both its headers were read and compared.</summary>
/// <param name="Entry">Its number in the tree.</param>
/// <param name="Start">Where its data begins.</param>
/// <param name="CompressedSize">How long that is.</param>
/// <param name="Size">How many bytes come out.</param>
/// <param name="Crc">Their checksum.</param>
/// <param name="Method">How it is compressed: stored or deflated.</param>
/// <param name="Refusal">Why it cannot be read; none if it can.</param>
internal sealed record ZipMember(int Entry, long Start, long CompressedSize, long Size, uint Crc, ushort Method, Errno Refusal)
{
    public bool IsStored => Method == ZipFormat.Stored;

    public static ZipMember Refused(int entry, Errno refusal) => new(entry, 0, 0, 0, 0, ZipFormat.Stored, refusal);
}
