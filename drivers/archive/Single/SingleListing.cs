using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Single;

/// <summary>What decoding a single compressed file told: the file inside, its length, and where decoding it can begin.</summary>
internal sealed class SingleListing(Tree tree, string identity, int first, long length, SeekPoints points) : ArchiveListing(tree, identity, first)
{
    /// <summary>The kind of its index file. Another number when it is read or written in another way.</summary>
    private const string Kind = "single 1";

    /// <summary>How many bytes come out of it: it may be a file that a mapping of paths does not show.</summary>
    public long Length { get; } = length;

    public SeekPoints Points { get; } = points;

    /// <summary>The kind of the index file.</summary>
    public static string GetKind(Codec codec) => $"{Kind} {codec.Name} {codec.IndexVersion}";

    /// <summary>Takes it from a file.</summary>
    public static SingleListing? Load(IndexFile file, Codec codec, ByteRange range, long budget)
    {
        if (!TryLoad(file, out Tree tree, out string identity))
        {
            return null;
        }
        IndexRecordReader record = file.GetRecord(IndexSections.Format);
        long length = record.ReadInt64();
        SeekPoints? points = SeekPoints.Load(codec, range, length, budget, file.GetRecord(IndexSections.SeekPoints));
        return length >= 0 && record.IsAtEnd && points is not null ? new SingleListing(tree, identity, EntryBuilder.FirstOfAll, length, points) : null;
    }

    public override void Save(IndexWriter writer)
    {
        base.Save(writer);
        IndexRecord length = new();
        length.Write(Length);
        writer.Add(IndexSections.Format, length);
        IndexRecord points = new();
        Points.Save(points);
        writer.Add(IndexSections.SeekPoints, points);
    }
}
