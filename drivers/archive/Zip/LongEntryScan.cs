using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Decodes long entries from where their seek points end, several side by side, for the points that are found on the way. Damage is told as when they are read.</summary>
internal sealed class LongEntryScan
{
    private readonly (ZipMember Member, DecodedStream Stream)[] _entries;
    private readonly OpeningProgress _progress;
    private readonly Lock _lock = new();
    private readonly long _length;
    private long _done;
    private int _next;

    /// <param name="entries">The entries, and what memory the points of each may take.</param>
    /// <param name="open">Opens an entry.</param>
    /// <param name="progress">Hears how far it is, and ends it.</param>
    public LongEntryScan(IEnumerable<(ZipMember Member, long Budget)> entries, Func<ZipMember, long, DecodedStream> open, OpeningProgress progress)
    {
        _entries = [.. entries.Select(entry => (entry.Member, open(entry.Member, entry.Budget)))];
        _progress = progress;
        _length = _entries.Sum(entry => entry.Member.Size);
    }

    public int Count => _entries.Length;

    /// <summary>What was found so far.</summary>
    public IEnumerable<(ZipMember Member, SeekPoints Points)> Found => _entries.Select(entry => (entry.Member, entry.Stream.Points));

    /// <summary>Scans one entry after the other that no other thread has taken, on a thread that may wait; whether all could be decoded.</summary>
    /// <exception cref="OperationCanceledException">Nobody wants it any more.</exception>
    public bool Run()
    {
        bool isGood = true;
        int taken;
        while ((taken = Interlocked.Increment(ref _next) - 1) < _entries.Length)
        {
            isGood &= TryScan(_entries[taken].Stream);
        }
        return isGood;
    }

    private bool TryScan(DecodedStream stream)
    {
        using BlockCursor cursor = new(stream);
        long index = stream.Points.Find(stream.Length).Output / DecodedStream.BlockLength;
        Report(index * DecodedStream.BlockLength);
        for (; index * DecodedStream.BlockLength < stream.Length; index++)
        {
            if (!cursor.TryLoad(index, out _))
            {
                return false;
            }
            stream.Sink.Keep(index, cursor.Block);
            Report(cursor.Block.Length);
        }
        return true;
    }

    private void Report(long length)
    {
        lock (_lock)
        {
            _done += length;
            _progress.At(_done, _length);
        }
    }
}
