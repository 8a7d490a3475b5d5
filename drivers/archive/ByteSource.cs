namespace Kaleidofs.Drivers.Archive;

/// <summary>Bytes that are read by position: an archive's file, or what stands for one.</summary>
internal abstract class ByteSource : IDisposable
{
    private static readonly long[] OneVolume = [0];

    /// <summary>What messages call it: its path.</summary>
    public abstract string Path { get; }

    /// <summary>How many bytes there are.</summary>
    public abstract long Length { get; }

    /// <summary>Where the volumes begin that the archive counts: positions in it may be told from there.</summary>
    public virtual IReadOnlyList<long> Volumes => OneVolume;

    /// <summary>Whether it was closed: what fails then is of no interest.</summary>
    public abstract bool IsClosed { get; }

    /// <summary>When it was changed last before it was opened.</summary>
    public abstract Timestamp ModificationTime { get; }

    /// <summary>Fills <paramref name="destination"/>, waiting where it must; false, with one line in the log, if that fails.</summary>
    public abstract bool TryRead(long position, Span<byte> destination);

    /// <summary>Fills <paramref name="destination"/> if that needs no waiting; false also for what <see cref="TryRead"/> then reports.</summary>
    public abstract bool TryReadNow(long position, Span<byte> destination);

    /// <summary>Runs what calls <see cref="TryRead"/> where it may wait.</summary>
    public abstract Task<T> RunAsync<T>(Func<T> work);

    /// <summary>Reads bytes straight into the caller's memory.</summary>
    public abstract ValueTask<Errno> ReadAsync(long position, int count, PayloadWriter destination);

    /// <inheritdoc/>
    public abstract void Dispose();
}
