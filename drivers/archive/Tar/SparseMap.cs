namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Where a file with holes has data: pieces in ascending order, whose bytes stand one after the other in the archive.</summary>
internal sealed class SparseMap
{
    private readonly long[] _starts;
    private readonly long[] _lengths;
    private readonly long[] _stored;

    private SparseMap(long[] starts, long[] lengths, long[] stored)
    {
        _starts = starts;
        _lengths = lengths;
        _stored = stored;
    }

    /// <summary>Bytes of data.</summary>
    public long DataLength => _lengths.Length == 0 ? 0 : _stored[^1] + _lengths[^1];

    /// <summary>How many pieces there are.</summary>
    public int Count => _starts.Length;

    /// <summary>Offsets and lengths by turns.</summary>
    public IEnumerable<long> Pieces => _starts.Zip(_lengths).SelectMany<(long, long), long>(piece => [piece.Item1, piece.Item2]);

    /// <summary>Makes a map; null if the pieces overlap, go back, or pass the file's end.</summary>
    /// <param name="pieces">Offsets and lengths by turns.</param>
    /// <param name="size">The file's size.</param>
    public static SparseMap? Create(List<long> pieces, long size)
    {
        if (pieces.Count % 2 != 0)
        {
            return null;
        }
        List<long> starts = [];
        List<long> lengths = [];
        List<long> stored = [];
        long end = 0;
        long total = 0;
        for (int i = 0; i < pieces.Count; i += 2)
        {
            long start = pieces[i];
            long length = pieces[i + 1];
            if (start < end || length < 0 || start > size || length > size - start)
            {
                return null;
            }
            end = start + length;
            if (length == 0)
            {
                // Marks the file's end after a hole.
                continue;
            }
            starts.Add(start);
            lengths.Add(length);
            stored.Add(total);
            total += length;
        }
        return new SparseMap([.. starts], [.. lengths], [.. stored]);
    }

    /// <summary>What is at an offset: how many bytes of data (and where they are stored), or of a hole up to the next data; <see cref="long.MaxValue"/> for the last hole.</summary>
    public long Find(long offset, out bool isData, out long stored)
    {
        int piece = Array.BinarySearch(_starts, offset);
        piece = piece < 0 ? ~piece - 1 : piece;
        if (piece >= 0 && offset - _starts[piece] < _lengths[piece])
        {
            isData = true;
            stored = _stored[piece] + (offset - _starts[piece]);
            return _lengths[piece] - (offset - _starts[piece]);
        }
        isData = false;
        stored = 0;
        return piece + 1 < _starts.Length ? _starts[piece + 1] - offset : long.MaxValue;
    }
}
