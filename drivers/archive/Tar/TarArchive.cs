using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Gzip;
using Kaleidofs.Drivers.Archive.Inflate;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Opens a tar, plain or gzipped: reads its headers once, into a tree.</summary>
internal static class TarArchive
{
    /// <summary>Memory for the seek points of a gzipped tar: a point a MiB up to some 2 GiB, fewer beyond.</summary>
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

    /// <summary>Whether these bytes begin a gzip member.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> head) => head.StartsWith(GzipHeader.Magic);

    /// <summary>Whether a gzip file has a tar in it.</summary>
    public static bool RecognizesGzipped(ArchiveFile file)
    {
        using InflateCursor cursor = new(new DeflatedRange(file, 0, file.Length, IsGzip: true), points: null);
        byte[] head = new byte[TarHeader.BlockLength];
        return cursor.TryRead(head, out int count) && count == head.Length && Recognizes(head);
    }

    /// <exception cref="SourceException">It is damaged from its beginning, or no tar.</exception>
    public static TarFileSystem Open(ArchiveFile file, DriverLog log, OpeningProgress progress)
    {
        TarIndex index = new();
        FileTarInput input = new(file, progress);
        (Tree tree, string digest) = Scan(file, input, index, log);
        return new TarFileSystem(tree, GetIdentity("tar", file, digest), index, new FileTarContent(file), new DamageLog(file.Path, log));
    }

    /// <exception cref="SourceException">It is damaged from its beginning, its checksum is wrong, or it is no tar.</exception>
    public static TarFileSystem OpenGzipped(ArchiveFile file, ContentCache cache, DriverLog log, OpeningProgress progress)
    {
        TarIndex index = new();
        DeflatedRange range = new(file, 0, file.Length, IsGzip: true);
        SeekPoints points = new(SeekPoint.Start(0, 0, isMember: true), SeekPointBudget);
        using InflateCursor cursor = new(range, points);
        GzipTarInput input = new(file, cursor, progress);
        (Tree tree, string digest) = Scan(file, input, index, log);
        string identity = GetIdentity("tar.gz", file, digest);
        GzipTarContent content = new(range, index.End, points, cache, cache.OpenSource(identity), log);
        return new TarFileSystem(tree, identity, index, content, new DamageLog(file.Path, log));
    }

    private static (Tree Tree, string Digest) Scan(ArchiveFile file, TarInput input, TarIndex index, DriverLog log)
    {
        TreeBuilder builder = new(new TreeNode { Mode = ImpliedMode, ModificationTime = file.ModificationTime });
        SkippedEntries skipped = new();
        using TarScanner scanner = new(input, builder, index, skipped);
        scanner.Scan();
        if (input is GzipTarInput gzip)
        {
            gzip.Finish();
            if (gzip.HasWrongChecksum)
            {
                throw new SourceException($"{file.Path}: the checksum of its gzip data is wrong, so any of its files may be: refused; copy it again");
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

    private static string GetIdentity(string kind, ArchiveFile file, string digest)
        => $"{kind}:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}:{digest}";
}
