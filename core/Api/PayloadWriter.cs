using Kaleidofs.Protocol;

namespace Kaleidofs;

/// <summary>
/// Where a READ's bytes go: the caller's own memory (guest memory, or a reply buffer), as one or
/// more segments. Written front to back; nothing is copied again. Valid until the operation's task completes.
/// </summary>
public abstract class PayloadWriter
{
    /// <summary>Bytes that may still be written.</summary>
    public abstract int Remaining { get; }

    /// <summary>Bytes written so far.</summary>
    public abstract int Written { get; }

    /// <summary>The rest of the current segment; empty only when <see cref="Remaining"/> is 0. Fill any prefix of it, then <see cref="Advance"/>.</summary>
    public abstract Span<byte> GetSpan();

    /// <summary>The same as memory, for asynchronous sources (a socket's ReceiveAsync).</summary>
    public abstract Memory<byte> GetMemory();

    /// <summary>Counts <paramref name="count"/> bytes of the current segment as written.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than the current segment has.</exception>
    public abstract void Advance(int count);

    /// <summary>What may still be written, as segments that need no pinning; none if the memory is managed.</summary>
    internal virtual int ListSegments(Span<BufferSegment> segments) => 0;

    /// <summary>Copies as much of <paramref name="source"/> as fits; returns how much that was.</summary>
    public int Write(ReadOnlySpan<byte> source)
    {
        int copied = 0;
        while (!source.IsEmpty)
        {
            Span<byte> span = GetSpan();
            if (span.IsEmpty)
            {
                break;
            }
            int count = Math.Min(span.Length, source.Length);
            source[..count].CopyTo(span);
            Advance(count);
            source = source[count..];
            copied += count;
        }
        return copied;
    }

    /// <summary>Writes up to <paramref name="count"/> zero bytes; returns how many fitted.</summary>
    public int WriteZeros(int count)
    {
        int written = 0;
        while (written < count)
        {
            Span<byte> span = GetSpan();
            if (span.IsEmpty)
            {
                break;
            }
            int chunk = Math.Min(span.Length, count - written);
            span[..chunk].Clear();
            Advance(chunk);
            written += chunk;
        }
        return written;
    }
}
