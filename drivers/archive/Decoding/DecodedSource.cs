using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>
/// What comes out of encoded data, read by position by whoever reads an archive in it. Blocks that the cache does not have are decoded
/// on the thread that asks, by a cursor that is its own for that time: that thread is mostly one of the few that a share has for waiting,
/// and would it wait for another one's work, all could come to wait for each other.
/// </summary>
internal sealed class DecodedSource : ByteSource
{
    private const int BlockLength = DecodedStream.BlockLength;

    private readonly DecodedStream _stream;
    private readonly DecodedContent _content;
    private readonly ulong _object;
    private readonly CursorPool _cursors;

    /// <param name="stream">The data; its own decoders are not used.</param>
    /// <param name="content">What the cache has of it.</param>
    /// <param name="cacheObject">The object in the cache's key.</param>
    /// <param name="cursors">Where cursors wait for their next use.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="modificationTime">Its time.</param>
    public DecodedSource(DecodedStream stream, DecodedContent content, ulong cacheObject, CursorPool cursors, string path, Timestamp modificationTime)
    {
        _stream = stream;
        _content = content.LoadedBy(new Loader(this));
        _object = cacheObject;
        _cursors = cursors;
        Path = path;
        ModificationTime = modificationTime;
    }

    public override string Path { get; }

    public override long Length => _stream.Length;

    public override bool IsClosed => _stream.Range.File.IsClosed;

    public override Timestamp ModificationTime { get; }

    public override bool TryRead(long position, Span<byte> destination) => TryRead(position, destination, decodes: true);

    public override bool TryReadNow(long position, Span<byte> destination) => TryRead(position, destination, decodes: false);

    public override Task<T> RunAsync<T>(Func<T> work) => _stream.Range.File.RunAsync(work);

    public override ValueTask<Errno> ReadAsync(long position, int count, PayloadWriter destination)
        => position >= 0 && position <= Length - count
            ? _content.ReadAsync(default, _object, Length, position, count, destination)
            : new(Errno.EIO);

    public override void Dispose() => _cursors.Drop(_stream);

    private bool TryRead(long position, Span<byte> destination, bool decodes)
    {
        if (position < 0 || position > Length - destination.Length)
        {
            return false;
        }
        while (!destination.IsEmpty)
        {
            long index = position / BlockLength;
            int offset = (int)(position % BlockLength);
            int count = Math.Min(DecodedStream.GetBlockLength(Length, index) - offset, destination.Length);
            Span<byte> part = destination[..count];
            if (!_content.TryRead(_object, index, offset, part) && !(decodes && TryDecode(index, offset, part)))
            {
                return false;
            }
            destination = destination[count..];
            position += count;
        }
        return true;
    }

    private bool TryDecode(long index, int offset, Span<byte> destination)
    {
        BlockCursor cursor = _cursors.Take(_stream, index);
        bool isGood = false;
        try
        {
            isGood = cursor.TryLoad(index, out bool isNew);
            if (isGood)
            {
                cursor.Block.Slice(offset, destination.Length).CopyTo(destination);
                if (isNew)
                {
                    _content.Add(_object, index, cursor.Block);
                }
            }
        }
        finally
        {
            if (isGood)
            {
                _cursors.Return(cursor);
            }
            else
            {
                cursor.Dispose();
            }
        }
        return isGood;
    }

    private sealed class Loader(DecodedSource source) : BlockLoader
    {
        public override ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination)
            => new(source.RunAsync(() => source.TryRead((long)key.Index * BlockLength, destination.Span) ? Errno.None : Errno.EIO));
    }
}
