namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A plain tar. Content is passed over, not read.</summary>
internal sealed class FileTarInput(ByteSource file, OpeningProgress progress) : TarInput
{
    /// <summary>The headers of a few small files in one read.</summary>
    private const int BufferLength = 32 << 10;

    private readonly byte[] _buffer = new byte[BufferLength];
    private long _bufferStart;
    private int _bufferLength;

    public override void ReportProgress() => progress.At(Position, file.Length);

    public override bool TryRead(Span<byte> destination)
    {
        if (file.Length - Position < destination.Length)
        {
            Position = file.Length;
            return false;
        }
        while (!destination.IsEmpty)
        {
            int offset = (int)Math.Min(Position - _bufferStart, _bufferLength);
            int count = Math.Min(_bufferLength - offset, destination.Length);
            if (count == 0)
            {
                if (!TryFill())
                {
                    Problem = "cannot be read";
                    MayPass = true;
                    return false;
                }
                continue;
            }
            _buffer.AsSpan(offset, count).CopyTo(destination);
            destination = destination[count..];
            Position += count;
        }
        return true;
    }

    public override bool TrySkip(long count)
    {
        bool isThere = file.Length - Position >= count;
        Position = isThere ? Position + count : file.Length;
        return isThere;
    }

    private bool TryFill()
    {
        int length = (int)Math.Min(BufferLength, file.Length - Position);
        _bufferStart = Position;
        _bufferLength = file.TryRead(Position, _buffer.AsSpan(0, length)) ? length : 0;
        return _bufferLength > 0;
    }
}
