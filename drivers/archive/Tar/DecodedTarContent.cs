using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A compressed tar's bytes: one decoded stream, whose blocks pass through the content cache.</summary>
internal sealed class DecodedTarContent : TarContent
{
    private const ulong StreamObject = BlockRecorder.StreamObject;

    /// <summary>Decoders in the stream: files are all in one, and so are their readers.</summary>
    private static readonly int MaxDecoders = 2 * Math.Max(2, Environment.ProcessorCount);

    private readonly ByteSource _file;
    private readonly DecodedStream _stream;
    private readonly DecodedContent _content;
    private DecodedSource? _bytes;

    public DecodedTarContent(Codec codec, ByteRange range, long length, SeekPoints points, ContentCache cache, ulong source, DriverLog log)
    {
        _file = range.File;
        _stream = new DecodedStream(codec, range, length, points, new BlockSink(this, log), MaxDecoders);
        _content = new DecodedContent(cache, source, new Loader(_stream));
    }

    public override ValueTask<Errno> ReadAsync(RequestContext context, long position, int count, PayloadWriter destination)
        => _content.ReadAsync(context, StreamObject, _stream.Length, position, count, destination);

    // Opening alone asks for it, one member after the other.
    public override ByteSource OpenBytes(CursorPool cursors)
        => _bytes ??= new DecodedSource(_stream, _content, StreamObject, cursors, _file.Path, _file.ModificationTime);

    public override void Dispose()
    {
        _stream.Dispose();
        _file.Dispose();
    }

    private sealed class Loader(DecodedStream stream) : BlockLoader
    {
        public override ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination) => new(stream.ReadBlockAsync((long)key.Index, destination));
    }

    private sealed class BlockSink(DecodedTarContent content, DriverLog log) : IBlockSink
    {
        private int _complained;

        public void Add(long index, ReadOnlySpan<byte> block) => content._content.Add(StreamObject, index, block);

        public void Keep(long index, ReadOnlySpan<byte> block) => content._content.Keep(StreamObject, index, block);

        public void ReportDamage(string reason)
        {
            if (!content._file.IsClosed && Interlocked.Exchange(ref _complained, 1) == 0)
            {
                log.Error($"{content._file.Path}: {reason}, though it was whole when it was opened: it has changed; open it again");
            }
        }
    }
}
