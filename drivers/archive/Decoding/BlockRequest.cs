namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>A block that somebody waits for.</summary>
internal sealed class BlockRequest(long index, Memory<byte> destination)
{
    // Goes on at once on the decoder's thread, the share's own; not on the pool, which a busy driver of another share may fill.
    private readonly TaskCompletionSource<Errno> _done = new();

    public long Index { get; } = index;

    public Memory<byte> Destination { get; } = destination;

    public Task<Errno> Task => _done.Task;

    /// <summary>Who waits goes on before this returns: no lock may be held.</summary>
    public void Complete(Errno errno) => _done.SetResult(errno);
}
