using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A compressed tar, decoded once from first to last: that pass makes the index, finds the seek points, and checks the checksums.</summary>
internal sealed class DecodedTarInput(Codec codec, ByteRange range, StreamCursor cursor, OpeningProgress progress, BlockRecorder? recorder) : TarInput
{
    private readonly byte[] _scratch = new byte[64 << 10];

    /// <summary>Whether the bytes that came out are not those that went in.</summary>
    public bool HasWrongChecksum => cursor.Failure == StreamFailure.WrongChecksum;

    /// <summary>How far its bytes are right: behind that they were not all decoded, or differ from their checksums.</summary>
    public long VerifiedEnd => cursor.Failure == StreamFailure.Damaged ? cursor.VerifiedPosition : long.MaxValue;

    /// <summary>Whether it is an archive of another format that comes out as a tar.</summary>
    public bool IsArchive => codec.IsArchive;

    /// <summary>What could not be decoded, though there is more behind it.</summary>
    public IReadOnlyList<OutputGap> Gaps => cursor.Gaps;

    public override void ReportProgress() => progress.At(cursor.InputPosition - range.Start, range.End - range.Start);

    public override bool TryRead(Span<byte> destination)
    {
        bool isGood = cursor.TryRead(destination, out int count);
        Position = cursor.Position;
        recorder?.Append(destination[..count]);
        if (!isGood)
        {
            Problem = Explain();
            MayPass = cursor.Failure is StreamFailure.Unreadable or StreamFailure.TooLarge;
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
        recorder?.Complete();
    }

    private string Explain() => cursor.Reason ?? cursor.Failure switch
    {
        StreamFailure.CutOff => $"the {codec.Name} data is cut off",
        StreamFailure.WrongChecksum => $"the {codec.Name} data's checksum is wrong",
        StreamFailure.Unreadable => "cannot be read",
        StreamFailure.TooLarge => $"the {codec.Name} data would take too much memory to decode",
        _ => $"the {codec.Name} data is damaged",
    };
}
