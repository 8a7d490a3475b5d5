namespace Kaleidofs;

/// <summary>
/// Where a WRITE's bytes come from: the caller's own memory, read front to back. A hostile guest may
/// change the bytes while they are read, so read each once. Valid until the operation's task completes.
/// </summary>
public abstract class PayloadReader
{
    /// <summary>Bytes that have not been read.</summary>
    public abstract int Remaining { get; }

    /// <summary>The rest of the current segment; empty only when <see cref="Remaining"/> is 0.</summary>
    public abstract ReadOnlySpan<byte> GetSpan();

    /// <summary>The same as memory, for asynchronous destinations.</summary>
    public abstract ReadOnlyMemory<byte> GetMemory();

    /// <summary>Counts <paramref name="count"/> bytes of the current segment as read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than the current segment has.</exception>
    public abstract void Advance(int count);

    /// <summary>Copies as much as there is into <paramref name="destination"/>; returns how much that was.</summary>
    public int Read(Span<byte> destination)
    {
        int copied = 0;
        while (!destination.IsEmpty)
        {
            ReadOnlySpan<byte> span = GetSpan();
            if (span.IsEmpty)
            {
                break;
            }
            int count = Math.Min(span.Length, destination.Length);
            span[..count].CopyTo(destination);
            Advance(count);
            destination = destination[count..];
            copied += count;
        }
        return copied;
    }
}
