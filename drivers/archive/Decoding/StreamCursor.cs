namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>
/// A position in what comes out of an encoded stream. It moves forward as it is read, and can be set to a seek point of its
/// codec. Never makes more output than it is asked for. Used by one thread at a time.
/// </summary>
internal abstract class StreamCursor : IDisposable
{
    /// <summary>How many bytes of output lie before the cursor.</summary>
    public long Position { get; protected set; }

    /// <summary>The first byte of input that has not been taken: how far it is.</summary>
    public abstract long InputPosition { get; }

    /// <summary>
    /// After damage: how far what came out is known to be right. A codec that has checksums within its stream knows that of all before the
    /// damaged part; for the others it is all that came out.
    /// </summary>
    public virtual long VerifiedPosition => Position;

    /// <summary>Why the last call failed.</summary>
    public StreamFailure Failure { get; protected set; }

    /// <summary>Why it failed, if the codec knows more than <see cref="Failure"/> says.</summary>
    public virtual string? Reason => null;

    /// <summary>Where zeros stand in the output for what could not be decoded, though it goes on behind; in the order of the output.</summary>
    public virtual IReadOnlyList<OutputGap> Gaps => [];

    /// <summary>The CRC-32 of what came out, if that was all from the beginning on; null otherwise.</summary>
    public abstract uint? Crc { get; }

    /// <summary>Continues from a seek point; false if the data cannot be read or is damaged.</summary>
    public abstract bool MoveTo(SeekPoint point);

    /// <summary>Reads until <paramref name="destination"/> is full or the data ends; false if it is damaged or cannot be read.</summary>
    /// <param name="destination">Takes the bytes.</param>
    /// <param name="count">How many there were, also before the damage.</param>
    public abstract bool TryRead(Span<byte> destination, out int count);

    /// <summary>Whether the data ends here, without another byte of output.</summary>
    public bool TryReadEnd()
    {
        Span<byte> more = stackalloc byte[1];
        return TryRead(more, out int count) && count == 0;
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Notes a failure; returns false.</summary>
    protected bool Fail(StreamFailure failure)
    {
        Failure = failure;
        return false;
    }
}
