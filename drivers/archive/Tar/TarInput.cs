namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A tar's bytes from first to last, as they are read once to make the index.</summary>
internal abstract class TarInput
{
    /// <summary>Says how far the reading is, and ends it when it is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public abstract void ReportProgress();

    /// <summary>The position of the next byte.</summary>
    public long Position { get; protected set; }

    /// <summary>Why the input ended before its time; null while that is not known.</summary>
    public string? Problem { get; protected set; }

    /// <summary>Whether that may be otherwise the next time: a disk that failed, memory that there was not.</summary>
    public bool MayPass { get; protected set; }

    /// <summary>Fills <paramref name="destination"/>; false if there are fewer bytes.</summary>
    public abstract bool TryRead(Span<byte> destination);

    /// <summary>Passes over bytes; false if there are fewer.</summary>
    public abstract bool TrySkip(long count);
}
