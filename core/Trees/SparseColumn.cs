using System.Numerics;
using Kaleidofs.Caching;

namespace Kaleidofs.Trees;

/// <summary>What few entries of a tree have, or, in some sources, all. A dictionary while it is built; in a file a bit for each entry and the values in order.</summary>
/// <typeparam name="T">The value's type.</typeparam>
internal sealed class SparseColumn<T> where T : unmanaged
{
    private const int BitsPerWord = 64;

    /// <summary>Sections that it takes in a file.</summary>
    public const int Sections = 3;

    private readonly Dictionary<int, T>? _built;
    // Which entries have one; how many entries before each word's have; the values.
    private readonly MappedArray<ulong>? _bits;
    private readonly MappedArray<int>? _ranks;
    private readonly MappedArray<T>? _values;

    public SparseColumn() => _built = [];

    /// <summary>A column of a file; an empty one has no sections.</summary>
    public SparseColumn(IndexFile file, int section)
    {
        if (!file.Has(section))
        {
            return;
        }
        _bits = file.GetArray<ulong>(section);
        _ranks = file.GetArray<int>(section + 1);
        _values = file.GetArray<T>(section + 2);
        if (_ranks.Count != _bits.Count)
        {
            file.Refuse();
        }
    }

    public int Count => _built?.Count ?? _values?.Count ?? 0;

    public T this[int entry]
    {
        set => Built[entry] = value;
    }

    private Dictionary<int, T> Built => _built ?? throw new InvalidOperationException("A column of a file does not change");

    public bool TryGetValue(int entry, out T value)
    {
        if (_built is not null)
        {
            return _built.TryGetValue(entry, out value);
        }
        value = default;
        int word = entry / BitsPerWord;
        if (_bits is null || (uint)word >= (uint)_bits.Count)
        {
            return false;
        }
        ulong bits = _bits[word];
        ulong bit = 1UL << (entry % BitsPerWord);
        if ((bits & bit) == 0)
        {
            return false;
        }
        value = _values![_ranks![word] + BitOperations.PopCount(bits & (bit - 1))];
        return true;
    }

    public T GetValueOrDefault(int entry, T other = default) => TryGetValue(entry, out T value) ? value : other;

    public void Remove(int entry) => Built.Remove(entry);

    /// <summary>Writes it, for a tree of so many entries.</summary>
    public void Save(IndexWriter writer, int section, int entries)
    {
        if (Count == 0)
        {
            return;
        }
        int[] keys = [.. Built.Keys];
        Array.Sort(keys);
        ulong[] bits = new ulong[(entries / BitsPerWord) + 1];
        int[] ranks = new int[bits.Length];
        T[] values = new T[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            bits[keys[i] / BitsPerWord] |= 1UL << (keys[i] % BitsPerWord);
            values[i] = Built[keys[i]];
        }
        for (int word = 1; word < ranks.Length; word++)
        {
            ranks[word] = ranks[word - 1] + BitOperations.PopCount(bits[word - 1]);
        }
        writer.Add<ulong>(section, bits);
        writer.Add<int>(section + 1, ranks);
        writer.Add<T>(section + 2, values);
    }
}
