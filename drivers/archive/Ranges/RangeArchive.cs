using System.Security.Cryptography;
using Kaleidofs.Drivers.Archive.Ar;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Cpio;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Iso9660;

namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>Opens archives whose files stand in them as they are: ar, cpio, ISO 9660. Plain or compressed as a whole, their headers are read once, into a tree.</summary>
internal static class RangeArchive
{
    /// <summary>Both ends of a compressed file are in what its decoded content is cached under: codecs have their checksums at the end.</summary>
    private const int DigestedLength = 64 << 10;

    /// <summary>Which of these formats a file has, or what comes out of it; none for another.</summary>
    /// <param name="file">The file.</param>
    /// <param name="codec">The codec of its bytes, if it has one.</param>
    /// <param name="head">Its first bytes.</param>
    public static ArchiveKind Recognize(ByteSource file, Codec? codec, ReadOnlySpan<byte> head)
        => codec is not null ? RecognizeDecoded(file, codec)
            : RecognizeBeginning(head) is var kind and not ArchiveKind.None ? kind
            : file.Length >= IsoFormat.HeadLength && IsoFormat.Recognizes(file) ? ArchiveKind.Iso9660
            : ArchiveKind.None;

    /// <summary>Reads an archive's headers into a tree.</summary>
    /// <param name="file">The archive; the volume's own from now on.</param>
    /// <param name="kind">Which of these formats it has.</param>
    /// <param name="codec">The codec of its bytes, if it has one.</param>
    /// <param name="begin">Begins the tree's entries.</param>
    /// <param name="context">What else opening needs.</param>
    /// <param name="seekPointBudget">Memory for the seek points of a compressed one; null for the usual.</param>
    /// <exception cref="SourceException">It is damaged from its beginning, or a checksum over all of it is wrong.</exception>
    public static RangeVolume Open(ByteSource file, ArchiveKind kind, Codec? codec, Func<EntryBuilder> begin, OpeningContext context, long? seekPointBudget)
    {
        long budget = seekPointBudget ?? SeekPoints.UsualBudget;
        BlockRecorder? recorder = codec is null ? null : Transcoding.TryBegin(context.Options.Transcode, codec, file, context.Cache);
        RangeContent? content = null;
        try
        {
            RangeListing listing = context.Index.Open(
                RangeListing.GetKind(kind, codec), context.Log, saved => RangeListing.Load(saved, codec, ByteRange.Of(file), budget),
                notes => Read(context with { Log = notes }));
            content ??= OpenContent(listing.Stream);
            RangeSums sums = new(listing.Index, listing.First, listing.Tree.Count - listing.First, context.Options.Verification);
            return new RangeVolume(listing, content, sums, new DamageLog(file.Path, context.Log));
        }
        catch
        {
            content?.Dispose();
            throw;
        }

        RangeListing Read(OpeningContext noting)
        {
            RangeStream? stream = codec is null ? null : RangeContent.Measure(file, codec, noting, recorder, budget);
            content = OpenContent(stream);
            EntryBuilder entries = begin();
            RangeIndex index = new(entries.First) { End = content.Bytes.Length };
            string digest = Scan(kind, content.Bytes, entries, index, noting);
            entries.Complete(file.Path, noting.Log);
            return new RangeListing(entries.Tree.Tree, entries.GetIdentity($"{DescribeForm(file, kind, codec)}:{digest}"), entries.First, index, stream)
            {
                IsLasting = stream is not { MayPass: true } && !context.Progress.HasFailed,
            };
        }

        RangeContent OpenContent(RangeStream? stream) => codec is null ? RangeContent.Of(file)
            : RangeContent.Of(file, codec, stream!, recorder?.Source ?? context.Cache.OpenSource($"{DescribeForm(file, kind, codec)}:{DigestEnds(file)}"), context);
    }

    private static string DescribeForm(ByteSource file, ArchiveKind kind, Codec? codec)
        => $"{kind}{(codec is null ? "" : $".{codec.Name}")}:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}";

    private static ArchiveKind RecognizeDecoded(ByteSource file, Codec codec)
    {
        using StreamCursor cursor = codec.Open(ByteRange.Of(file), points: null);
        byte[] head = new byte[IsoFormat.HeadLength];
        // One that is cut off may be an archive, too.
        _ = cursor.TryRead(head, out int count);
        return RecognizeBeginning(head.AsSpan(0, count)) is var kind and not ArchiveKind.None ? kind
            : count == head.Length && IsoFormat.Recognizes(head.AsSpan(IsoFormat.SystemAreaLength)) ? ArchiveKind.Iso9660
            : ArchiveKind.None;
    }

    private static ArchiveKind RecognizeBeginning(ReadOnlySpan<byte> head)
        => ArScanner.Recognizes(head) ? ArchiveKind.Ar
            : CpioHeader.Recognizes(head) ? ArchiveKind.Cpio
            : ArchiveKind.None;

    /// <summary>Reads the headers; returns their digest.</summary>
    private static string Scan(ArchiveKind kind, ByteSource bytes, EntryBuilder entries, RangeIndex index, OpeningContext context)
    {
        using IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        switch (kind)
        {
            case ArchiveKind.Ar:
                new ArScanner(bytes, entries, index, context, digest).Scan();
                break;
            case ArchiveKind.Cpio:
                new CpioScanner(bytes, entries, index, context, digest).Scan();
                break;
            default:
                new IsoScanner(bytes, entries, index, context, digest).Scan();
                break;
        }
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private static string DigestEnds(ByteSource file)
    {
        byte[] head = new byte[Math.Min(DigestedLength, file.Length)];
        byte[] tail = new byte[head.Length];
        return file.TryRead(0, head) && file.TryRead(file.Length - tail.Length, tail)
            ? Convert.ToHexStringLower(SHA256.HashData([.. head, .. tail]))
            : throw new SourceException($"{file.Path}: cannot be read");
    }
}
