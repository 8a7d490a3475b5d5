using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Opens a zip: reads its central directory once, into a tree.</summary>
internal static class ZipArchive
{
    /// <summary>Whether a file begins like a zip: with a local header, or, empty or split, with another record.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head)
        => head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8) || head.StartsWith("PK\x06\x06"u8);

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
    public static ZipVolume Open(ByteSource file, EndOfCentralDirectory directory, EntryBuilder entries, OpeningContext context)
    {
        ZipIndex index = new(directory.Start, entries.First);
        string digest = ReadEntries(file, directory, entries, index, context.Progress);
        entries.Complete(file.Path, context.Log);
        index.Complete();
        Tree tree = entries.Tree.Tree;
        int count = entries.Tree.Count - entries.First;
        string identity = entries.GetIdentity($"zip:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}:{digest}");
        DamageLog damage = new(file.Path, context.Log);
        ZipMemberReader members = new(file, directory, index, tree, damage, count);
        EntryChecks checks = new(entries.First, count);
        ZipBlockLoader loader = new(file, members, tree, checks, damage, context.Cache, context.Cache.OpenSource(identity));
        return new ZipVolume(entries.First, identity, new ZipContent(file, tree, members, loader, checks, damage, context.Verification));
    }

    /// <summary>How many entries there may be; a wrong number costs only time.</summary>
    public static int Expect(EndOfCentralDirectory directory) => (int)Math.Min(directory.Length / ZipFormat.CentralHeaderLength, directory.Count + 1024);

    /// <summary>Finds the central directory.</summary>
    /// <exception cref="SourceException">There is none, or one that is too long.</exception>
    public static EndOfCentralDirectory FindDirectory(ByteSource file)
    {
        EndOfCentralDirectory directory = EndOfCentralDirectory.Find(file);
        return directory.Length <= uint.MaxValue ? directory
            : throw new SourceException($"{file.Path}: its central directory has {directory.Length} bytes; up to 4 GiB are supported");
    }

    private static string ReadEntries(ByteSource file, EndOfCentralDirectory directory, EntryBuilder builder, ZipIndex index, OpeningProgress progress)
    {
        using CentralDirectoryReader reader = new(file, directory);
        ZipEntryReader entries = new();
        while (reader.TryRead(out CentralDirectoryRecord record))
        {
            progress.At(record.Offset, directory.Length);
            // Sizes that are missing or overflow make an entry that is listed, but cannot be read.
            bool hasSizes = record.TryGetSizes(out long size, out _, out long header);
            ReadOnlySpan<byte> path = entries.GetPath(record);
            TreeNode node = ZipEntryReader.GetNode(record, path, hasSizes ? size : 0);
            if (builder.TryAdd(path, node, out int entry))
            {
                index.Set(entry, hasSizes && header <= directory.Start ? directory.Base + header : -1, record.Offset);
            }
        }
        return reader.GetDigest();
    }
}
