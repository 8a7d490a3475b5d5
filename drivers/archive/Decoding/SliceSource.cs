namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Bytes that stand in others one after the other: a stored member of an archive. The others stay their owner's.</summary>
internal sealed class SliceSource(ByteSource outer, long start, long length, string path, Timestamp modificationTime) : ByteSource
{
    public override string Path => path;

    public override long Length => length;

    public override bool IsClosed => outer.IsClosed;

    public override Timestamp ModificationTime => modificationTime;

    public override bool TryRead(long position, Span<byte> destination)
        => Contains(position, destination.Length) && outer.TryRead(start + position, destination);

    public override bool TryReadNow(long position, Span<byte> destination)
        => Contains(position, destination.Length) && outer.TryReadNow(start + position, destination);

    public override Task<T> RunAsync<T>(Func<T> work) => outer.RunAsync(work);

    public override ValueTask<Errno> ReadAsync(long position, int count, PayloadWriter destination)
        => Contains(position, count) ? outer.ReadAsync(start + position, count, destination) : new(Errno.EIO);

    public override void Dispose()
    {
    }

    private bool Contains(long position, int count) => position >= 0 && position <= length - count;
}
