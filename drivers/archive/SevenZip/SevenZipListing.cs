using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>What a 7z's header says. The index file spares the building of the tree; where content is, the header is asked each time.</summary>
/// <param name="tree">The entries.</param>
/// <param name="identity">The source's identity.</param>
/// <param name="first">The first entry of the tree that is the archive's.</param>
/// <param name="numbers">For each entry the number of its content; below zero if it has none.</param>
/// <param name="streams">The contents.</param>
internal sealed class SevenZipListing(Tree tree, string identity, int first, Column<int> numbers, StreamsReader streams) : ArchiveListing(tree, identity, first)
{
    /// <summary>The kind of its index file. Another number when it is read or written in another way.</summary>
    public const string Kind = "7z 1";

    private const int NumbersSection = IndexSections.Format;
    private const int DigestSection = NumbersSection + 1;

    public PackedFolder[] Folders => streams.Folders;

    /// <summary>The header's digest.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Where an entry's content stands; null if it has none.</summary>
    public ContentRange? GetContent(int node)
        => node - First < numbers.Count && numbers[node - First] is var number && (uint)number < (uint)streams.Contents.Length ? streams.Contents[number] : null;

    /// <summary>Takes it from a file, if that was made of this header.</summary>
    public static SevenZipListing? Load(IndexFile file, SevenZipHeader header)
        => TryLoad(file, out Tree tree, out string identity) && file.GetRecord(DigestSection).ReadText() == header.Digest
            ? new SevenZipListing(tree, identity, EntryBuilder.FirstOfAll, file.GetColumn<int>(NumbersSection), header.Streams) { Digest = header.Digest }
            : null;

    public override void Save(IndexWriter writer)
    {
        base.Save(writer);
        writer.Add(NumbersSection, numbers);
        IndexRecord record = new();
        record.Write(Digest);
        writer.Add(DigestSection, record);
    }
}
