namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>What of a file is in memory: reading the rest fails at once, so that a thread which must not wait can try.</summary>
internal sealed class AtHandSource(ByteSource file) : ByteSource
{
    public override string Path => file.Path;

    public override long Length => file.Length;

    public override bool IsClosed => file.IsClosed;

    public override Timestamp ModificationTime => file.ModificationTime;

    public override bool TryRead(long position, Span<byte> destination) => file.TryReadNow(position, destination);

    public override bool TryReadNow(long position, Span<byte> destination) => file.TryReadNow(position, destination);

    public override Task<T> RunAsync<T>(Func<T> work) => file.RunAsync(work);

    public override ValueTask<Errno> ReadAsync(long position, int count, PayloadWriter destination) => file.ReadAsync(position, count, destination);

    /// <summary>Nothing: the file is its owner's.</summary>
    public override void Dispose()
    {
    }
}
