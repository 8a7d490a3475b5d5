using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>What a zip's central directory says.</summary>
internal sealed class ZipListing(Tree tree, string identity, int first, ZipIndex index, EndOfCentralDirectory directory, LongEntries longEntries)
    : ArchiveListing(tree, identity, first)
{
    /// <summary>The kind of its index file. Another number when it is read or written in another way.</summary>
    public const string Kind = "zip 2";

    // Behind those of ZipIndex.
    private const int DirectorySection = IndexSections.Format + 3;
    private const int LongEntriesSection = DirectorySection + 1;

    public ZipIndex Index { get; } = index;

    /// <summary>Which long entries there are.</summary>
    public LongEntries LongEntries { get; } = longEntries;

    /// <summary>Takes it from a file, if that was made of this directory.</summary>
    public static ZipListing? Load(IndexFile file, EndOfCentralDirectory directory)
    {
        if (!TryLoad(file, out Tree tree, out string identity)
            || !file.GetBytes(DirectorySection).Span.SequenceEqual(Describe(directory).Bytes)
            || ZipIndex.Load(file, directory.Start, tree.Count) is not { } index)
        {
            return null;
        }
        IndexRecordReader record = file.GetRecord(LongEntriesSection);
        var longEntries = (LongEntries)record.ReadInt32(0, (int)(LongEntries.SeekWell | LongEntries.SeekPoorly));
        return record.IsAtEnd ? new ZipListing(tree, identity, EntryBuilder.FirstOfAll, index, directory, longEntries) : null;
    }

    public override void Save(IndexWriter writer)
    {
        base.Save(writer);
        Index.Save(writer);
        writer.Add(DirectorySection, Describe(directory));
        IndexRecord record = new();
        record.Write((int)LongEntries);
        writer.Add(LongEntriesSection, record);
    }

    private static IndexRecord Describe(in EndOfCentralDirectory directory)
    {
        IndexRecord record = new();
        record.Write(directory.Start);
        record.Write(directory.Length);
        record.Write(directory.Count);
        record.Write(directory.Base);
        return record;
    }
}
