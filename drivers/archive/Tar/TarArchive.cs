using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Opens a tar, plain or compressed: reads its headers once, into a tree.</summary>
internal static class TarArchive
{
    private const int MaxGapLines = 50;

    /// <summary>Whether these bytes begin a tar.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head)
    {
        if (head.Length < TarHeader.BlockLength || !head[..TarHeader.BlockLength].ContainsAnyExcept((byte)0))
        {
            return false;
        }
        TarHeader header = new(head[..TarHeader.BlockLength]);
        // A checksum can be right by chance in a file that is mostly zeros: without the magic there must be a name, too.
        return header.HasValidChecksum() && header.TryGetSize(out _) && (header.IsUstar || !header.Name.IsEmpty);
    }

    /// <summary>Whether a tar comes out of a compressed file.</summary>
    public static bool Recognizes(ByteSource file, Codec codec)
    {
        using StreamCursor cursor = codec.Open(ByteRange.Of(file), points: null);
        byte[] head = new byte[TarHeader.BlockLength];
        return cursor.TryRead(head, out int count) && count == head.Length && Recognizes(head);
    }

    /// <exception cref="SourceException">It is damaged from its beginning, or no tar.</exception>
    public static TarVolume Open(ByteSource file, Func<EntryBuilder> begin, OpeningContext context)
    {
        TarListing listing = context.Index.Open(TarListing.GetKind(codec: null), context.Log, saved => TarListing.Load(saved, null, ByteRange.Of(file), 0), notes =>
        {
            EntryBuilder entries = begin();
            TarIndex index = new(entries.First);
            FileTarInput input = new(file, context.Progress);
            string digest = Scan(file, input, entries, index, notes);
            return new TarListing(entries, GetIdentity("tar", file, digest), index, points: null) { IsLasting = !input.MayPass };
        });
        return new TarVolume(listing, new FileTarContent(file), new DamageLog(file.Path, context.Log));
    }

    /// <exception cref="SourceException">It is damaged from its beginning, its checksum is wrong, or it is no tar.</exception>
    public static TarVolume Open(ByteSource file, Codec codec, Func<EntryBuilder> begin, OpeningContext context, long? seekPointBudget)
    {
        long budget = seekPointBudget ?? SeekPoints.UsualBudget;
        BlockRecorder? recorder = Transcoding.TryBegin(context.Options.Transcode, codec, file, context.Cache);
        ByteRange range = ByteRange.Of(file);
        TarListing listing = context.Index.Open(TarListing.GetKind(codec), context.Log, saved => TarListing.Load(saved, codec, range, budget), notes =>
        {
            EntryBuilder entries = begin();
            TarIndex index = new(entries.First);
            SeekPoints points = codec.OpenPoints(range, budget);
            using StreamCursor cursor = codec.Open(range, points);
            DecodedTarInput input = new(codec, range, cursor, context.Progress, recorder);
            string digest = Scan(file, input, entries, index, notes);
            return new TarListing(entries, GetIdentity($"tar.{codec.Name}", file, digest), index, points) { IsLasting = !input.MayPass };
        });
        ulong source = recorder?.Source ?? context.Cache.OpenSource(listing.Identity);
        DecodedTarContent content = new(codec, range, listing.Index.End, listing.Points!, context.Cache, source, context.Log);
        return new TarVolume(listing, content, new DamageLog(file.Path, context.Log));
    }

    private static string Scan(ByteSource file, TarInput input, EntryBuilder entries, TarIndex index, DriverLog log)
    {
        using TarScanner scanner = new(input, entries, index, (file as SplitFile)?.Joins ?? []);
        scanner.Scan();
        if (input is DecodedTarInput decoded)
        {
            decoded.Finish();
            if (decoded.HasWrongChecksum)
            {
                throw new SourceException($"{file.Path}: the checksum of its compressed data is wrong, so any of its files may be: refused; copy it again");
            }
            if (decoded.VerifiedEnd < index.End)
            {
                log.Warning($"{file.Path}: {decoded.Problem} behind byte {decoded.VerifiedEnd} of its content: what stands there cannot be read");
                index.End = decoded.VerifiedEnd;
            }
        }
        if (input is DecodedTarInput { IsArchive: true, Problem: { } reason } && entries.Tree.Count == entries.First)
        {
            throw new SourceException($"{file.Path}: {reason}");
        }
        if (scanner.IsNoTar || (entries.Tree.Count == entries.First && input.Problem is not null))
        {
            throw new SourceException($"{file.Path}: not a tar, or damaged at its beginning{(input.Problem is null ? "" : $" ({input.Problem})")}; copy it again");
        }
        entries.Complete(file.Path, log);
        MarkGaps(file, (input as DecodedTarInput)?.Gaps ?? [], entries, index, log);
        foreach (string problem in scanner.Problems)
        {
            log.Warning($"{file.Path}: {problem}");
        }
        return scanner.GetDigest();
    }

    private static void MarkGaps(ByteSource file, IReadOnlyList<OutputGap> gaps, EntryBuilder entries, TarIndex index, DriverLog log)
    {
        int lines = 0;
        foreach (OutputGap gap in gaps)
        {
            int entry = index.Find(gap.Position, entries.Tree.Tree);
            if (entry >= 0)
            {
                index.SetDamaged(entry);
            }
            if (lines++ < MaxGapLines)
            {
                string name = entry < 0 ? "an entry that is not shown" : DamageLog.ToText(entries.Tree.Tree.GetName(entry));
                log.Warning($"{file.Path}: {name} cannot be read: {gap.Reason}");
            }
        }
        if (lines > MaxGapLines)
        {
            log.Warning($"{file.Path}: {lines - MaxGapLines} more cannot be read");
        }
    }

    private static string GetIdentity(string kind, ByteSource file, string digest)
        => $"{kind}:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}:{digest}";
}
