using Kaleidofs.Drivers.Archive.Inflate;
using Kaleidofs.Drivers.Archive.Tar;

namespace Kaleidofs.Drivers.Archive.Gzip;

/// <summary>A gzipped tar, decoded once from first to last: that pass makes the index, finds the seek points, and checks the checksums.</summary>
internal sealed class GzipTarInput(ArchiveFile file, InflateCursor cursor, OpeningProgress progress) : TarInput
{
    private readonly byte[] _scratch = new byte[64 << 10];

    /// <summary>Whether the bytes that came out are not those that went in.</summary>
    public bool HasWrongChecksum => cursor.Failure == InflateFailure.WrongChecksum;

    public override void ReportProgress() => progress.At(cursor.InputPosition, file.Length);

    public override bool TryRead(Span<byte> destination)
    {
        bool isGood = cursor.TryRead(destination, out int count);
        Position = cursor.Position;
        if (!isGood)
        {
            Problem = Explain();
        }
        return isGood && count == destination.Length;
    }

    public override bool TrySkip(long count)
    {
        while (count > 0)
        {
            ReportProgress();
            int length = (int)Math.Min(count, _scratch.Length);
            if (!TryRead(_scratch.AsSpan(0, length)))
            {
                return false;
            }
            count -= length;
        }
        return true;
    }

    /// <summary>Decodes what is left behind the tar's end, for its checksum.</summary>
    public void Finish()
    {
        while (Problem is null && TryRead(_scratch))
        {
            ReportProgress();
        }
    }

    private string Explain() => cursor.Failure switch
    {
        InflateFailure.CutOff => "the gzip data is cut off",
        InflateFailure.WrongChecksum => "the gzip data's checksum is wrong",
        InflateFailure.Unreadable => "cannot be read",
        _ => "the gzip data is damaged",
    };
}
