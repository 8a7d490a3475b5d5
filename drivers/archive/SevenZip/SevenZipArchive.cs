using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>Opens a 7z: reads its header once, into a tree.</summary>
internal static class SevenZipArchive
{
    private const int None = -1;

    /// <summary>Opens it.</summary>
    /// <param name="file">The archive; the volume's own from now on.</param>
    /// <param name="begin">Begins the tree's entries.</param>
    /// <param name="context">What else opening needs.</param>
    /// <returns>Null if a folder is packed in a way that only libarchive knows; then nothing was begun.</returns>
    /// <exception cref="SourceException">It is damaged, or encrypted and the password is not the one.</exception>
    public static SevenZipVolume? TryOpen(ByteSource file, Func<EntryBuilder> begin, OpeningContext context)
    {
        FolderOpener opener = new(file, context.Options.Password);
        SevenZipHeader header = SevenZipHeader.Read(file, opener);
        PackedFolder[] folders = header.Streams.Folders;
        // libarchive has no way to decrypt: of an encrypted archive the rest is better than nothing.
        if (!Array.Exists(folders, folder => folder.IsEncrypted) && !Array.TrueForAll(folders, folder => FolderMethods.TryFind(folder, out _)))
        {
            return null;
        }
        SevenZipListing listing = context.Index.Open(
            SevenZipListing.Kind, context.Log, saved => SevenZipListing.Load(saved, header), notes => Read(file, header, begin(), context with { Log = notes }));
        return new SevenZipVolume(listing, new SevenZipContent(file, listing, opener, context));
    }

    private static SevenZipListing Read(ByteSource file, SevenZipHeader header, EntryBuilder entries, OpeningContext context)
    {
        Column<int> numbers = new();
        int content = 0;
        long removals = 0;
        header.Files.ForEach((index, path, node, isAnti) =>
        {
            context.Progress.At(index, header.Files.Count);
            int number = header.Files.HasContent(index) ? content++ : None;
            if (isAnti)
            {
                removals++;
                return;
            }
            node.Size = number == None ? 0 : header.Streams.Contents[number].Length;
            if (entries.TryAdd(path, node, out int entry) && entry - entries.First >= numbers.Count)
            {
                if (header.Files.GetAccessTime(index) is { } access)
                {
                    entries.Tree.SetTimes(entry, access, node.ModificationTime, node.ModificationTime);
                }
                numbers.FillTo(entry - entries.First, None);
                numbers.Add(number);
            }
        });
        if (removals > 0)
        {
            context.Log.Warning($"{file.Path}: {removals} entries say only that a file is to be removed, and are not shown");
        }
        if (entries.ReplacedCount > 0)
        {
            context.Log.Warning($"{file.Path}: {entries.ReplacedCount} entries lost their name to a later one of the same name");
        }
        entries.Complete(file.Path, context.Log);
        string identity = entries.GetIdentity($"7z:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}:{header.Digest}");
        return new SevenZipListing(entries.Tree.Tree, identity, entries.First, numbers, header.Streams) { Digest = header.Digest, IsSecret = header.IsEncrypted };
    }
}
