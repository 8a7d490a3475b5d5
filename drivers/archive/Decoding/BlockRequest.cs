namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>A block that somebody waits for.</summary>
internal sealed class BlockRequest(long index, Memory<byte> destination)
{
    private readonly TaskCompletionSource<Errno> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Index { get; } = index;

    public Memory<byte> Destination { get; } = destination;

    public Task<Errno> Task => _done.Task;

    public void Complete(Errno errno) => _done.SetResult(errno);
}
