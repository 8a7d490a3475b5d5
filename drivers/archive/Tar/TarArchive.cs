using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Opens a tar, plain or compressed: reads its headers once, into a tree.</summary>
internal static class TarArchive
{
    /// <summary>Memory for the seek points of a compressed tar: a point a MiB up to some 2 GiB, fewer beyond.</summary>
    private const long SeekPointBudget = 16 << 20;

    private const uint ImpliedMode = FileType.Directory | 0x1ED;

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
    public static TarFileSystem Open(ByteSource file, DriverLog log, OpeningProgress progress)
    {
        TarIndex index = new();
        FileTarInput input = new(file, progress);
        (Tree tree, string digest) = Scan(file, input, index, log);
        return new TarFileSystem(tree, GetIdentity("tar", file, digest), index, new FileTarContent(file), new DamageLog(file.Path, log));
    }

    /// <exception cref="SourceException">It is damaged from its beginning, its checksum is wrong, or it is no tar.</exception>
    public static TarFileSystem Open(ByteSource file, Codec codec, ContentCache cache, DriverLog log, TranscodeMode transcode, OpeningProgress progress)
    {
        BlockRecorder? recorder = Transcoding.TryBegin(transcode, codec, file, cache);
        TarIndex index = new();
        ByteRange range = ByteRange.Of(file);
        SeekPoints points = codec.OpenPoints(range, SeekPointBudget);
        using StreamCursor cursor = codec.Open(range, points);
        DecodedTarInput input = new(codec, range, cursor, progress, recorder);
        (Tree tree, string digest) = Scan(file, input, index, log);
        string identity = GetIdentity($"tar.{codec.Name}", file, digest);
        DecodedTarContent content = new(codec, range, index.End, points, cache, recorder?.Source ?? cache.OpenSource(identity), log);
        return new TarFileSystem(tree, identity, index, content, new DamageLog(file.Path, log));
    }

    private static (Tree Tree, string Digest) Scan(ByteSource file, TarInput input, TarIndex index, DriverLog log)
    {
        TreeBuilder builder = new(new TreeNode { Mode = ImpliedMode, ModificationTime = file.ModificationTime });
        SkippedEntries skipped = new();
        using TarScanner scanner = new(input, builder, index, skipped);
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
        if (scanner.IsNoTar || (builder.Count == 1 && input.Problem is not null))
        {
            throw new SourceException($"{file.Path}: not a tar, or damaged at its beginning{(input.Problem is null ? "" : $" ({input.Problem})")}; copy it again");
        }
        Tree tree = builder.Build();
        skipped.CountDanglingLinks(builder.DanglingLinks);
        skipped.Report(file.Path, log);
        foreach (string problem in scanner.Problems)
        {
            log.Warning($"{file.Path}: {problem}");
        }
        return (tree, scanner.GetDigest());
    }

    private static string GetIdentity(string kind, ByteSource file, string digest)
        => $"{kind}:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}:{digest}";
}
