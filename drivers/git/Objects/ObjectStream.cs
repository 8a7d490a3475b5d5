using System.IO.Compression;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>An object from front to back: inflated as it is read, or, made from deltas, whole in memory.</summary>
internal sealed class ObjectStream : IDisposable
{
    private readonly ZLibStream? _inflater;
    private readonly IDisposable? _owned;
    private readonly ObjectBuffer? _whole;
    private ReadOnlyMemory<byte> _head;
    private long _position;

    /// <summary>A stream that is inflated.</summary>
    /// <param name="kind">What the object is.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="inflater">Gives them; closed with this.</param>
    /// <param name="head">The first of them, if they have been read.</param>
    /// <param name="owned">What is closed with it, too.</param>
    public ObjectStream(ObjectKind kind, long size, ZLibStream inflater, ReadOnlyMemory<byte> head = default, IDisposable? owned = null)
    {
        (Kind, Size, _inflater, _head, _owned) = (kind, size, inflater, head, owned);
    }

    /// <summary>An object that is in memory.</summary>
    public ObjectStream(ObjectBuffer whole)
    {
        (Kind, Size, _whole) = (whole.Kind, whole.Length, whole);
    }

    public ObjectKind Kind { get; }

    public long Size { get; }

    /// <summary>Bytes read so far.</summary>
    public long Position => _position;

    /// <summary>The pack that it is read from; null for an object in a file of its own.</summary>
    public PackFile? Origin { get; init; }

    /// <summary>All of the object, where it is in memory.</summary>
    public ObjectBuffer? Whole => _whole;

    /// <summary>Fills the destination, which is no longer than what is left of the object. With the last byte the checksum is looked at.</summary>
    /// <exception cref="DamageException">The object is damaged.</exception>
    public void ReadExactly(Span<byte> destination)
    {
        long end = _position + destination.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, Size);
        if (_whole is not null)
        {
            _whole.Span.Slice((int)_position, destination.Length).CopyTo(destination);
            _position = end;
            return;
        }
        if (!_head.IsEmpty)
        {
            int count = Math.Min(_head.Length, destination.Length);
            _head.Span[..count].CopyTo(destination);
            _head = _head[count..];
            destination = destination[count..];
        }
        try
        {
            if (_inflater!.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            {
                throw new DamageException("its content ends early");
            }
            Span<byte> beyond = stackalloc byte[1];
            if (end == Size && (!_head.IsEmpty || _inflater.Read(beyond) != 0))
            {
                throw new DamageException("its content goes on beyond its size");
            }
        }
        catch (InvalidDataException exception)
        {
            throw new DamageException($"its content cannot be inflated: {exception.Message}");
        }
        _position = end;
    }

    /// <summary>Makes a position the next to be read, where the object is in memory; otherwise it is so only if nothing behind it has been read.</summary>
    public bool TrySeek(long position)
    {
        if (_whole is not null)
        {
            _position = position;
        }
        return _position <= position;
    }

    /// <summary>All of an object that nothing has been read of.</summary>
    /// <exception cref="DamageException">The object is damaged, or has more than <paramref name="limit"/> bytes.</exception>
    public ObjectBuffer ReadAll(long limit)
    {
        if (Size > limit)
        {
            throw new DamageException($"it has {Size} bytes, where at most {limit} are read");
        }
        ObjectBuffer buffer = new(Kind, (int)Size);
        try
        {
            ReadExactly(buffer.Span);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _inflater?.Dispose();
        _owned?.Dispose();
        _whole?.Dispose();
    }
}
