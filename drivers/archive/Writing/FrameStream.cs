using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Writing;

/// <summary>Encodes what is written to it, as frames of a few megabytes: the next change of the archive begins at one of them.</summary>
internal sealed class FrameStream(Codec codec, Stream output, long start) : Stream
{
    private const int FrameLength = 4 << 20;

    private readonly byte[] _frame = new byte[FrameLength];
    private int _length;
    private long _encoded = start;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => Position;

    /// <summary>In what comes out when the stream is decoded.</summary>
    public override long Position
    {
        get => _encoded + _length;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int taken = Math.Min(buffer.Length, FrameLength - _length);
            buffer[..taken].CopyTo(_frame.AsSpan(_length));
            _length += taken;
            buffer = buffer[taken..];
            if (_length == FrameLength)
            {
                EndFrame();
            }
        }
    }

    /// <summary>Ends the frame that is under way: what comes next begins another.</summary>
    public void EndFrame()
    {
        if (_length > 0)
        {
            codec.Encode(_frame.AsSpan(0, _length), output);
            _encoded += _length;
            _length = 0;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
