using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>The seek points of a zip's long entries in a file beside its index: where one process decoded to, the next begins.</summary>
internal sealed class KeptSeekPoints
{
    private const string Kind = "zip points 1";

    /// <summary>Entries whose points are kept, and a section each.</summary>
    public const int MaxEntries = 48;

    /// <summary>Decoding less takes no time that anybody notices.</summary>
    public const long LeastLength = LeastPoints * SeekPoints.FirstSpacing;

    private const int LeastPoints = 8;

    private readonly ArchiveIndex _index;
    private Dictionary<int, ReadOnlyMemory<byte>> _records = [];

    /// <param name="index">The archive's index.</param>
    /// <param name="file">The archive, whose threads may wait.</param>
    public KeptSeekPoints(ArchiveIndex index, ByteSource file)
    {
        _index = index;
        Loading = index.HasAside ? file.RunAsync(Load) : Task.CompletedTask;
    }

    /// <summary>Completes when the file's points are at hand. Nobody blocks on it.</summary>
    public Task Loading { get; }

    /// <summary>The points of an entry; those that its stream has anyway if none are kept.</summary>
    public SeekPoints Open(ZipMember member, long budget)
    {
        if (Loading.IsCompletedSuccessfully && CanKeep(member) && _records.TryGetValue(member.Entry, out ReadOnlyMemory<byte> bytes))
        {
            IndexRecordReader record = new(bytes);
            bool isSame = record.ReadText() == Describe(member);
            if (isSame && SeekPoints.Load(member.Codec!, member.Data, member.Size, budget, record) is { } points)
            {
                return points;
            }
        }
        return member.Codec!.OpenPoints(member.Data, budget);
    }

    /// <summary>Keeps what was found, and what was kept before, if there is anything new; waits for the disk.</summary>
    public bool Save(IEnumerable<(ZipMember Member, SeekPoints Points)> open)
    {
        List<(ZipMember Member, SeekPoints Points)> worthy = [.. open.Where(entry => entry.Points.Count >= LeastPoints && CanKeep(entry.Member)).Take(MaxEntries)];
        if (!Loading.IsCompletedSuccessfully || !worthy.Exists(entry => entry.Points.HasGrown))
        {
            return false;
        }
        List<(int Entry, ReadOnlyMemory<byte> Record)> older = [.. _records.Where(kept => !worthy.Exists(entry => entry.Member.Entry == kept.Key)).Select(kept => (kept.Key, kept.Value)).Take(MaxEntries - worthy.Count)];
        _index.SaveAside(Kind, writer =>
        {
            IndexRecord table = new();
            table.Write(worthy.Count + older.Count);
            worthy.ForEach(entry => table.Write(entry.Member.Entry));
            older.ForEach(kept => table.Write(kept.Entry));
            writer.Add(IndexSections.Format, table);
            int section = IndexSections.Format + 1;
            foreach ((ZipMember member, SeekPoints points) in worthy)
            {
                IndexRecord record = new();
                record.Write(Describe(member));
                points.Save(record);
                writer.Add(section++, record);
            }
            foreach ((int _, ReadOnlyMemory<byte> record) in older)
            {
                writer.Add(section++, record.Span);
            }
        });
        return true;
    }

    /// <summary>What was encrypted is not kept on disk, and neither is a window of it.</summary>
    public static bool CanKeep(ZipMember member) => member.Decryption is null && member.Codec!.IndexVersion > 0;

    private static string Describe(ZipMember member) => $"{member.Codec!.Name} {member.Codec.IndexVersion} {member.Data.Start} {member.Data.End} {member.Size} {member.Crc}";

    private bool Load()
    {
        if (_index.LoadAside(Kind) is not { } file)
        {
            return false;
        }
        Dictionary<int, ReadOnlyMemory<byte>> records = [];
        IndexRecordReader table = file.GetRecord(IndexSections.Format);
        int count = table.ReadInt32(0, MaxEntries);
        for (int i = 0; i < count && table.IsGood; i++)
        {
            records[table.ReadInt32(0, int.MaxValue)] = file.GetBytes(IndexSections.Format + 1 + i);
        }
        _records = table.IsAtEnd && file.IsComplete ? records : [];
        return true;
    }
}
