using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>A part of a file from front to back, read by position: the handle is its owner's, and used by others at the same time.</summary>
/// <param name="file">The file.</param>
/// <param name="position">Where the part begins.</param>
/// <param name="end">Where it ends.</param>
internal sealed class RangeStream(SafeFileHandle file, long position, long end) : Stream
{
    private long _position = position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, end - _position);
        int read = count <= 0 ? 0 : RandomAccess.Read(file, buffer[..count], _position);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
