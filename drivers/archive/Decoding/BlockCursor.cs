namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>A cursor in a stream and the last block that it decoded, for reading on in small pieces. Used by one thread at a time.</summary>
internal sealed class BlockCursor(DecodedStream stream) : IDisposable
{
    private const int BlockLength = DecodedStream.BlockLength;

    private readonly byte[] _buffer = new byte[Math.Min(BlockLength, stream.Length)];
    private StreamCursor? _cursor;

    /// <summary>The stream that it reads.</summary>
    public DecodedStream Stream => stream;

    /// <summary>The block that it has; -1 for none.</summary>
    public long Index { get; private set; } = -1;

    /// <summary>The first byte that it reaches without going back.</summary>
    public long Position => _cursor?.Position ?? 0;

    /// <summary>The block's bytes.</summary>
    public ReadOnlySpan<byte> Block => _buffer.AsSpan(0, DecodedStream.GetBlockLength(stream.Length, Index));

    /// <summary>Decodes a block, unless it is the one that is there; false, with damage reported, if that fails.</summary>
    public bool TryLoad(long index, out bool isNew)
    {
        isNew = index != Index;
        if (!isNew)
        {
            return true;
        }
        Index = -1;
        long wanted = index * BlockLength;
        int length = DecodedStream.GetBlockLength(stream.Length, index);
        if (!TryMoveTo(wanted) || !_cursor!.TryRead(_buffer.AsSpan(0, length), out int count))
        {
            return Fail(_cursor!.Failure == StreamFailure.Unreadable ? "it cannot be read" : $"its {stream.Codec.Name} data is damaged");
        }
        if (count < length || (stream.ExpectedCrc is uint expected && wanted + length == stream.Length && !EndsAsExpected(expected)))
        {
            return Fail("its size or its checksum is not what the archive says");
        }
        Index = index;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _cursor?.Dispose();

    private bool TryMoveTo(long wanted)
    {
        SeekPoint point = stream.Points.Find(wanted);
        _cursor ??= stream.Codec.Open(stream.Range, stream.Points);
        if ((_cursor.Position > wanted || _cursor.Position < point.Output) && !_cursor.MoveTo(point))
        {
            return false;
        }
        while (_cursor.Position < wanted)
        {
            int length = (int)Math.Min(_buffer.Length, wanted - _cursor.Position);
            if (!_cursor.TryRead(_buffer.AsSpan(0, length), out int count) || count < length)
            {
                return false;
            }
        }
        return true;
    }

    private bool EndsAsExpected(uint expected) => _cursor!.TryReadEnd() && (_cursor.Crc is not uint crc || crc == expected);

    private bool Fail(string reason)
    {
        stream.Sink.ReportDamage(reason);
        return false;
    }
}
