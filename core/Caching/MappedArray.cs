namespace Kaleidofs.Caching;

/// <summary>Values in a mapped file, each access checked. Whoever has it keeps the file mapped.</summary>
/// <typeparam name="T">The values' type.</typeparam>
internal sealed unsafe class MappedArray<T> where T : unmanaged
{
    private readonly T* _start;
    private readonly int _count;
    // Not read, but held: the memory is there as long as this object refers to it.
#pragma warning disable IDE0052
    private readonly MappedFile _file;
#pragma warning restore IDE0052

    public MappedArray(MappedFile file, T* start, int count)
    {
        _file = file;
        _start = start;
        _count = count;
    }

    public int Count => _count;

    /// <summary>All of them. Valid while the array is referred to.</summary>
    public ReadOnlySpan<T> Span => new(_start, _count);

    /// <summary>A value, which must not be assigned.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none at this index: a file that was not checked may say anything.</exception>
    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
            return ref _start[index];
        }
    }
}
