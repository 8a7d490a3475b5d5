using Kaleidofs.Drivers.Archive.Composing;
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
    public static ZipVolume Open(ByteSource file, EndOfCentralDirectory directory, Func<EntryBuilder> begin, OpeningContext context)
    {
        ZipListing listing = context.Index.Open(
            ZipListing.Kind, context.Log, saved => ZipListing.Load(saved, directory), notes => Read(file, directory, begin(), context with { Log = notes }));
        Tree tree = listing.Tree;
        int count = tree.Count - listing.First;
        DamageLog damage = new(file.Path, context.Log);
        ArchivePassword? password = context.Options.Password;
        ulong source = context.Cache.OpenSource(password is null ? listing.Identity : $"{listing.Identity}:{password.Tag}");
        if (listing.LongEntries.AreTranscoded(context.Options.Transcode))
        {
            // What was encrypted is not kept on disk: the tier has no part in the password.
            context.Cache.KeepOnDisk(source, listing.Identity);
        }
        ZipMemberReader members = new(file, directory, listing.Index, tree, new EntryDecryption(password, context.Log), damage, listing.First, count);
        EntryChecks checks = new(listing.First, count);
        ZipBlockLoader loader = new(file, members, tree, checks, damage, context.Cache, source, context.Options.Transcode, new KeptSeekPoints(context.Index, file));
        return new ZipVolume(listing, new ZipContent(file, tree, members, loader, checks, damage, context.Options.Verification));
    }

    /// <summary>How many entries there may be; a wrong number costs only time.</summary>
    public static int Expect(EndOfCentralDirectory directory) => (int)Math.Min(directory.Length / ZipFormat.CentralHeaderLength, directory.Count + 1024);

    /// <summary>Finds the central directory.</summary>
    /// <exception cref="SourceException">There is none, or one that is too long.</exception>
    public static EndOfCentralDirectory FindDirectory(ByteSource file)
    {
        var directory = EndOfCentralDirectory.Find(file);
        return directory.Length <= uint.MaxValue ? directory
            : throw new SourceException($"{file.Path}: its central directory has {directory.Length} bytes; up to 4 GiB are supported");
    }

    private static ZipListing Read(ByteSource file, EndOfCentralDirectory directory, EntryBuilder entries, OpeningContext context)
    {
        ZipIndex index = new(directory.Start, entries.First);
        string digest = ReadEntries(file, directory, entries, index, context, out LongEntries longEntries);
        entries.Complete(file.Path, context.Log);
        index.Complete();
        string identity = entries.GetIdentity($"zip:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}:{digest}");
        return new ZipListing(entries.Tree.Tree, identity, entries.First, index, directory, longEntries);
    }

    private static string ReadEntries(
        ByteSource file, EndOfCentralDirectory directory, EntryBuilder builder, ZipIndex index, OpeningContext context, out LongEntries longEntries)
    {
        longEntries = LongEntries.None;
        using CentralDirectoryReader reader = new(file, directory);
        ZipEntryReader entries = new();
        ZipAmbiguities ambiguities = new(file);
        while (reader.TryRead(out CentralDirectoryRecord record))
        {
            context.Progress.At(record.Offset, directory.Length);
            // Sizes that are missing or overflow make an entry that is listed, but cannot be read.
            bool hasSizes = record.TryGetSizes(out long size, out long compressedSize, out long header);
            header = hasSizes ? directory.Locate(record.GetVolume(), header) : -1;
            ReadOnlySpan<byte> path = entries.GetPath(record);
            TreeNode node = ZipEntryReader.GetNode(record, path, hasSizes ? size : 0);
            ambiguities.Note(record, path, node, header, compressedSize);
            longEntries |= hasSizes ? Classify(record, size) : LongEntries.None;
            if (builder.TryAdd(path, node, out int entry))
            {
                index.Set(entry, header, record.Offset);
            }
        }
        ambiguities.Report(directory, reader.Count, builder.ReplacedCount, context.Log);
        return reader.GetDigest();
    }

    private static LongEntries Classify(in CentralDirectoryRecord record, long size)
        => size <= ZipBlockLoader.ShortLength || (record.Flags & ZipFormat.Encrypted) != 0 || ZipMethods.Find(record.Method, size) is not { } codec ? LongEntries.None
            : codec.SeeksWell ? LongEntries.SeekWell
            : LongEntries.SeekPoorly;
}
