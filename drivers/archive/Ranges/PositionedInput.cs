namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>An archive's bytes for who reads its headers: by position, through a buffer, because headers are small and stand near each other.</summary>
/// <param name="source">The bytes.</param>
/// <param name="bufferLength">How many are read at a time.</param>
/// <param name="progress">Hears how far it is.</param>
internal sealed class PositionedInput(ByteSource source, int bufferLength, OpeningProgress progress)
{
    private readonly byte[] _buffer = new byte[bufferLength];
    private long _start;
    private int _length;

    /// <summary>What messages call the archive.</summary>
    public string Path => source.Path;

    /// <summary>When the archive was changed last.</summary>
    public Timestamp ModificationTime => source.ModificationTime;

    /// <summary>How many bytes there are.</summary>
    public long Length => source.Length;

    /// <summary>Whether bytes that there are could not be read.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Says how far the reading is.</summary>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public void ReportProgress(long position) => progress.At(position, source.Length);

    /// <summary>Whether so many bytes are there.</summary>
    public bool Contains(long position, long count) => position >= 0 && count >= 0 && position <= Length - count;

    /// <summary>Fills <paramref name="destination"/>; false if there are fewer bytes, or they cannot be read.</summary>
    public bool TryRead(long position, Span<byte> destination)
    {
        if (!Contains(position, destination.Length))
        {
            return false;
        }
        while (!destination.IsEmpty)
        {
            ReadOnlySpan<byte> there = Look(position);
            if (there.IsEmpty)
            {
                return false;
            }
            int count = Math.Min(there.Length, destination.Length);
            there[..count].CopyTo(destination);
            destination = destination[count..];
            position += count;
        }
        return true;
    }

    /// <summary>The first byte from a position on that is not zero; the length if there is none.</summary>
    public long SkipZeros(long position)
    {
        while (Look(position) is { IsEmpty: false } there)
        {
            int zeros = there.IndexOfAnyExcept((byte)0);
            if (zeros >= 0)
            {
                return position + zeros;
            }
            position += there.Length;
            ReportProgress(position);
        }
        return Length;
    }

    /// <summary>Where a pattern begins, at a position or behind it; -1 if nowhere.</summary>
    public long Find(long position, ReadOnlySpan<byte> pattern)
    {
        while (Look(position, pattern.Length) is var there && there.Length >= pattern.Length)
        {
            int found = there.IndexOf(pattern);
            if (found >= 0)
            {
                return position + found;
            }
            // It may begin in the last bytes.
            position += there.Length - pattern.Length + 1;
            ReportProgress(position);
        }
        return -1;
    }

    /// <summary>What the buffer has from a position on, read where it has not enough; empty at the end.</summary>
    private ReadOnlySpan<byte> Look(long position, int wanted = 1)
    {
        if (position < 0 || position >= Length)
        {
            return [];
        }
        wanted = (int)Math.Min(wanted, Length - position);
        if (position < _start || position + wanted > _start + _length)
        {
            _start = position;
            _length = (int)Math.Min(_buffer.Length, Length - position);
            if (!source.TryRead(position, _buffer.AsSpan(0, _length)))
            {
                _length = 0;
                HasFailed = true;
                progress.NoteFailure();
                return [];
            }
        }
        return _buffer.AsSpan((int)(position - _start), (int)(_start + _length - position));
    }
}
