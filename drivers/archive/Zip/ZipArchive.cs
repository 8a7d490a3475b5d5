using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Zip.Encryption;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Opens a zip: reads its central directory once, into a tree.</summary>
internal static class ZipArchive
{
    /// <summary>Whether a file begins like a zip: with a local header, or, empty or split, with another record.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head)
        => head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8) || head.StartsWith("PK\x06\x06"u8)
            || head.StartsWith("PK\x07\x08PK"u8) || head.StartsWith("PK00PK"u8);

    /// <summary>Whether a file that begins like something else ends like a zip: a self-extracting one.</summary>
    public static bool HasEnd(ByteSource file)
    {
        try
        {
            return file.Length >= ZipFormat.EndLength && EndOfCentralDirectory.Find(file).Count > 0;
        }
        catch (SourceException)
        {
            return false;
        }
    }

    /// <exception cref="SourceException">It is damaged, or no zip.</exception>
    public static ZipFileSystem Open(ByteSource file, ContentCache cache, DriverLog log, StoredVerification verification, TranscodeMode transcode, ArchivePassword? password, OpeningProgress progress)
    {
        EndOfCentralDirectory directory = EndOfCentralDirectory.Find(file);
        if (directory.Length > uint.MaxValue)
        {
            throw new SourceException($"{file.Path}: its central directory has {directory.Length} bytes; up to 4 GiB are supported");
        }
        TreeNode implied = new() { Mode = FileType.Directory | 0x1ED, ModificationTime = file.ModificationTime };
        int expected = (int)Math.Min(directory.Length / ZipFormat.CentralHeaderLength, directory.Count + 1024);
        TreeBuilder builder = new(implied, expected);
        ZipIndex index = new(directory.Start);
        SkippedEntries skipped = new();
        ZipAmbiguities ambiguities = new(file);
        string digest = ReadEntries(file, directory, builder, index, skipped, ambiguities, transcode, out bool isTranscoded, progress, out long count);
        skipped.Report(file.Path, log);
        ambiguities.Report(directory, count, builder.ReplacedCount, log);
        index.Complete();
        Tree tree = builder.Build();
        string identity = $"zip:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}:{digest}";
        DamageLog damage = new(file.Path, log);
        // What was encrypted is not kept: the tier has no part in the password.
        ulong source = cache.OpenSource(password is null ? identity : $"{identity}:{password.Tag}");
        if (isTranscoded)
        {
            cache.KeepOnDisk(source, identity);
        }
        ZipMemberReader members = new(file, directory, index, tree, new EntryDecryption(password, log), damage);
        EntryChecks checks = new(tree.Count);
        ZipBlockLoader loader = new(file, members, tree, checks, damage, cache, source, transcode);
        return new ZipFileSystem(tree, identity, new ZipContent(file, tree, members, loader, checks, damage, verification));
    }

    private static string ReadEntries(
        ByteSource file, EndOfCentralDirectory directory, TreeBuilder builder, ZipIndex index, SkippedEntries skipped, ZipAmbiguities ambiguities,
        TranscodeMode transcode, out bool isTranscoded, OpeningProgress progress, out long count)
    {
        isTranscoded = false;
        using CentralDirectoryReader reader = new(file, directory);
        ZipEntryReader entries = new();
        while (reader.TryRead(out CentralDirectoryRecord record))
        {
            progress.At(record.Offset, directory.Length);
            // Sizes that are missing or overflow make an entry that is listed, but cannot be read.
            bool hasSizes = record.TryGetSizes(out long size, out long compressedSize, out long header);
            header = hasSizes ? directory.Locate(record.GetVolume(), header) : -1;
            ReadOnlySpan<byte> path = entries.GetPath(record);
            TreeNode node = ZipEntryReader.GetNode(record, path, hasSizes ? size : 0);
            ambiguities.Note(record, path, node, header, compressedSize);
            isTranscoded |= hasSizes && (record.Flags & ZipFormat.Encrypted) == 0 && size > ZipBlockLoader.ShortLength && ZipMethods.Find(record.Method, size) is { } codec && transcode.Applies(codec);
            PathRefusal refusal = builder.Add(path, node, out int entry);
            if (refusal == PathRefusal.None)
            {
                index.Set(entry, header, record.Offset);
            }
            else
            {
                skipped.Count(refusal, path);
            }
        }
        count = reader.Count;
        return reader.GetDigest();
    }
}
