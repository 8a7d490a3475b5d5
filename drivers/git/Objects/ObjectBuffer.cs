using System.Buffers;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>The whole of an object in rented memory.</summary>
internal sealed class ObjectBuffer : IDisposable
{
    /// <summary>Keeps a few arrays of each size up to 4 MiB. The runtime's own pool would keep many, of any size, for minutes.</summary>
    public static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(maxArrayLength: 4 << 20, maxArraysPerBucket: 4);

    private byte[]? _array;

    /// <param name="kind">What the object is.</param>
    /// <param name="length">Its bytes.</param>
    public ObjectBuffer(ObjectKind kind, int length)
    {
        // One more for the kind: see WithKind.
        _array = Pool.Rent(length + 1);
        Kind = kind;
        Length = length;
    }

    public ObjectKind Kind { get; }

    public int Length { get; }

    public Span<byte> Span => _array.AsSpan(0, Length);

    /// <summary>The bytes and, behind them, the kind: as a base of deltas is kept.</summary>
    public ReadOnlySpan<byte> WithKind
    {
        get
        {
            _array![Length] = (byte)Kind;
            return _array.AsSpan(0, Length + 1);
        }
    }

    /// <summary>From <see cref="WithKind"/>.</summary>
    public static ObjectBuffer FromKept(ReadOnlySpan<byte> kept)
    {
        ObjectBuffer buffer = new((ObjectKind)kept[^1], kept.Length - 1);
        kept[..^1].CopyTo(buffer.Span);
        return buffer;
    }

    public void Dispose()
    {
        byte[]? array = Interlocked.Exchange(ref _array, null);
        if (array is not null)
        {
            Pool.Return(array);
        }
    }
}
