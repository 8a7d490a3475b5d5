using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Puts a stream that is decoded from first to last into the cache's tier on disk, block after block.</summary>
/// <param name="cache">The cache.</param>
/// <param name="source">The stream's number in it.</param>
internal sealed class BlockRecorder(ContentCache cache, ulong source)
{
    /// <summary>The only object of such a source in the cache.</summary>
    public const ulong StreamObject = 0;

    private readonly byte[] _block = new byte[DecodedStream.BlockLength];
    private int _filled;
    private ulong _index;

    /// <summary>The stream's number in the cache.</summary>
    public ulong Source => source;

    /// <summary>Takes the bytes that come next.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int taken = Math.Min(bytes.Length, _block.Length - _filled);
            bytes[..taken].CopyTo(_block.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
            if (_filled == _block.Length)
            {
                Complete();
            }
        }
    }

    /// <summary>The stream has ended: what there is of a last block is one.</summary>
    public void Complete()
    {
        if (_filled > 0)
        {
            cache.Keep(new BlockKey(source, StreamObject, _index), _block.AsSpan(0, _filled));
            _index++;
            _filled = 0;
        }
    }
}
