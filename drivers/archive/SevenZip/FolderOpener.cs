using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>Finds the bytes that a folder's decoder takes: those of the archive, or what they are once decrypted.</summary>
internal sealed class FolderOpener(ByteSource archive, ArchivePassword? password)
{
    private readonly SevenZipKeys? _keys = password is null ? null : new SevenZipKeys(password);

    public bool HasPassword => _keys is not null;

    /// <summary>Null for want of a password, or of a way to decrypt it. May take a second.</summary>
    public ByteRange? Open(PackedFolder folder)
    {
        long start = SevenZipHeader.StartLength + folder.Start;
        return !folder.IsEncrypted ? new ByteRange(archive, start, start + folder.PackedLength)
            : _keys?.Open(archive, start, folder.PackedLength, folder.Coders[^1]) is { } plain ? ByteRange.Of(plain)
            : null;
    }
}
