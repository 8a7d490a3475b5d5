using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>What an ar's, a cpio's or an image's headers say, and where decoding it can begin if it is compressed.</summary>
internal sealed class RangeListing(Tree tree, string identity, int first, RangeIndex index, RangeStream? stream) : ArchiveListing(tree, identity, first)
{
    /// <summary>The version of its index file. Another number when it is read or written in another way.</summary>
    private const int Version = 1;

    public RangeIndex Index { get; } = index;

    /// <summary>Null in one that is not compressed.</summary>
    public RangeStream? Stream { get; } = stream;

    /// <summary>The kind of the index file.</summary>
    public static string GetKind(ArchiveKind kind, Codec? codec) => codec is null ? $"{kind} {Version}" : $"{kind} {Version} {codec.Name} {codec.IndexVersion}";

    /// <summary>Takes it from a file.</summary>
    public static RangeListing? Load(IndexFile file, Codec? codec, ByteRange range, long budget)
    {
        if (!TryLoad(file, out Tree tree, out string identity) || RangeIndex.Load(file, tree) is not { } index)
        {
            return null;
        }
        if (codec is null)
        {
            return new RangeListing(tree, identity, EntryBuilder.FirstOfAll, index, stream: null);
        }
        SeekPoints? points = SeekPoints.Load(codec, range, index.End, budget, file.GetRecord(IndexSections.SeekPoints));
        return points is null ? null : new RangeListing(tree, identity, EntryBuilder.FirstOfAll, index, new RangeStream(index.End, points));
    }

    public override void Save(IndexWriter writer)
    {
        base.Save(writer);
        Index.Save(writer);
        if (Stream is not null)
        {
            IndexRecord record = new();
            Stream.Points.Save(record);
            writer.Add(IndexSections.SeekPoints, record);
        }
    }
}
