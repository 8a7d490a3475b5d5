using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>What a tar's headers say, and where decoding it can begin if it is compressed.</summary>
internal sealed class TarListing(Tree tree, string identity, int first, TarIndex index, SeekPoints? points) : ArchiveListing(tree, identity, first)
{
    /// <summary>The kind of its index file. Another number when it is read or written in another way.</summary>
    private const string Kind = "tar 2";

    /// <summary>That of entries that are complete.</summary>
    public TarListing(EntryBuilder entries, string identity, TarIndex index, SeekPoints? points)
        : this(entries.Tree.Tree, entries.GetIdentity(identity), entries.First, index, points)
    {
    }

    public TarIndex Index { get; } = index;

    /// <summary>Null in a plain tar.</summary>
    public SeekPoints? Points { get; } = points;

    /// <summary>The kind of the index file of a tar.</summary>
    public static string GetKind(Codec? codec) => codec is null ? Kind : $"{Kind} {codec.Name} {codec.IndexVersion}";

    /// <summary>Takes it from a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="codec">How the tar is compressed, if it is.</param>
    /// <param name="range">All of the archive.</param>
    /// <param name="budget">Memory that seek points may take.</param>
    public static TarListing? Load(IndexFile file, Codec? codec, ByteRange range, long budget)
    {
        if (!TryLoad(file, out Tree tree, out string identity) || TarIndex.Load(file, tree) is not { } index)
        {
            return null;
        }
        if (codec is null)
        {
            return new TarListing(tree, identity, EntryBuilder.FirstOfAll, index, points: null);
        }
        SeekPoints? points = SeekPoints.Load(codec, range, index.End, budget, file.GetRecord(IndexSections.SeekPoints));
        return points is null ? null : new TarListing(tree, identity, EntryBuilder.FirstOfAll, index, points);
    }

    public override void Save(IndexWriter writer)
    {
        base.Save(writer);
        Index.Save(writer);
        if (Points is not null)
        {
            IndexRecord record = new();
            Points.Save(record);
            writer.Add(IndexSections.SeekPoints, record);
        }
    }
}
