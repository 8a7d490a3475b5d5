using Kaleidofs.Caching;

namespace Kaleidofs.Trees;

/// <summary>
/// One value for each entry of a tree, in chunks: growing it never copies what is there (but for the first, small chunk), and never needs
/// one large array. A column of an index file is where the file is mapped, and does not change.
/// </summary>
/// <typeparam name="T">The value's type.</typeparam>
public sealed class Column<T> where T : unmanaged
{
    private const int ChunkBits = 16;
    private const int ChunkLength = 1 << ChunkBits;
    private const int FirstLength = 16;

    private readonly MappedArray<T>? _mapped;
    private T[][] _chunks = [];

    /// <summary>An empty column.</summary>
    public Column() => _chunks = [new T[FirstLength]];

    internal Column(MappedArray<T> mapped)
    {
        _mapped = mapped;
        Count = mapped.Count;
    }

    /// <summary>How many values there are.</summary>
    public int Count { get; private set; }

    /// <summary>A value; <paramref name="index"/> is below <see cref="Count"/>.</summary>
    public ref T this[int index]
    {
        get
        {
            if (_mapped is not null)
            {
                return ref _mapped[index];
            }
            return ref _chunks[index >> ChunkBits][index & (ChunkLength - 1)];
        }
    }

    /// <summary>Appends a value.</summary>
    public void Add(T value)
    {
        int chunk = Count >> ChunkBits;
        int position = Count & (ChunkLength - 1);
        if (chunk >= _chunks.Length || position == _chunks[chunk].Length)
        {
            Grow(chunk);
        }
        _chunks[chunk][position] = value;
        Count++;
    }

    /// <summary>Appends <paramref name="value"/> until there are <paramref name="count"/> values.</summary>
    public void FillTo(int count, T value)
    {
        while (Count < count)
        {
            Add(value);
        }
    }

    /// <summary>The values from an index on that stand together; at least one, if there is one.</summary>
    internal ReadOnlySpan<T> GetChunk(int index)
    {
        if (_mapped is not null)
        {
            return _mapped.Span[index..];
        }
        int position = index & (ChunkLength - 1);
        return _chunks[index >> ChunkBits].AsSpan(position, Math.Min(ChunkLength - position, Count - index));
    }

    private void Grow(int chunk)
    {
        if (_mapped is not null)
        {
            throw new InvalidOperationException("A column of a file does not change");
        }
        if (chunk == _chunks.Length)
        {
            Array.Resize(ref _chunks, chunk + 1);
            _chunks[chunk] = new T[ChunkLength];
        }
        else
        {
            Array.Resize(ref _chunks[chunk], _chunks[chunk].Length * 2);
        }
    }
}
