using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Ranges;
using Kaleidofs.Drivers.Archive.SevenZip;
using Kaleidofs.Drivers.Archive.Single;
using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Drivers.Archive.Zip;

namespace Kaleidofs.Drivers.Archive;

/// <summary>The formats: which one a file is, by its content, and how its entries get into a tree.</summary>
internal static class ArchiveFormats
{
    private const int HeadLength = 512;

    /// <summary>The kind of a file, and the codec of its bytes; none if it is no archive that is known.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public static (ArchiveKind Kind, Codec? Codec) Recognize(ByteSource file)
    {
        byte[] head = new byte[Math.Min(HeadLength, file.Length)];
        if (!file.TryRead(0, head))
        {
            throw new SourceException($"{file.Path}: cannot be read");
        }
        return Recognize(file, head);
    }

    /// <summary>The kind of a file that begins so, and the codec of its bytes.</summary>
    public static (ArchiveKind Kind, Codec? Codec) Recognize(ByteSource file, ReadOnlySpan<byte> head)
    {
        Codec? codec = Codecs.Recognize(head);
        if (codec is { IsArchive: true })
        {
            return (SevenZipHeader.Recognizes(head) ? ArchiveKind.SevenZip : ArchiveKind.Tar, codec);
        }
        ArchiveKind kind = ZipArchive.Recognizes(head) ? ArchiveKind.Zip
            : TarArchive.Recognizes(head) ? ArchiveKind.Tar
            : codec is not null && TarArchive.Recognizes(file, codec) ? ArchiveKind.Tar
            : RangeArchive.Recognize(file, codec, head) is var range and not ArchiveKind.None ? range
            : ZipArchive.HasEnd(file) ? ArchiveKind.Zip
            : codec is not null ? ArchiveKind.Single
            : ArchiveKind.None;
        return (kind, codec);
    }

    /// <summary>How many entries there may be; 0 if only reading all of it could tell.</summary>
    /// <exception cref="SourceException">It is damaged.</exception>
    public static int Expect(ByteSource file, ArchiveKind kind) => kind == ArchiveKind.Zip ? ZipArchive.Expect(ZipArchive.FindDirectory(file)) : 0;

    /// <summary>Opens an archive: reads its entries into a tree, or takes the tree from the index that is kept of it.</summary>
    /// <param name="file">The archive; the volume's own from now on.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="codec">The codec of its bytes, if it has one.</param>
    /// <param name="begin">Makes what takes the entries; called if they are read, not if the index has them.</param>
    /// <param name="context">What else opening needs.</param>
    /// <param name="seekPointBudget">Memory for the seek points of an archive that is compressed as a whole; null for the usual.</param>
    /// <exception cref="SourceException">It is damaged, or of no kind that is known.</exception>
    public static ArchiveVolume Open(ByteSource file, ArchiveKind kind, Codec? codec, Func<EntryBuilder> begin, OpeningContext context, long? seekPointBudget = null)
        => kind switch
        {
            ArchiveKind.Zip => ZipArchive.Open(file, ZipArchive.FindDirectory(file), begin, context),
            ArchiveKind.Tar when codec is not null => TarArchive.Open(file, codec, begin, context, seekPointBudget),
            ArchiveKind.Tar => TarArchive.Open(file, begin, context),
            ArchiveKind.Ar or ArchiveKind.Cpio or ArchiveKind.Iso9660 => RangeArchive.Open(file, kind, codec, begin, context, seekPointBudget),
            ArchiveKind.SevenZip => (ArchiveVolume?)SevenZipArchive.TryOpen(file, begin, context) ?? TarArchive.Open(file, codec!, begin, context, seekPointBudget),
            ArchiveKind.Single => SingleFile.Open(file, codec!, begin, context),
            _ => throw new SourceException($"{file.Path}: not an archive of a kind that is known (zip, tar, ar, cpio, iso9660, one of these compressed, a compressed file, 7z, rar, xar, cab, lha or rpm), or damaged at its beginning"),
        };
}
