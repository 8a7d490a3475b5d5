namespace Kaleidofs.Trees;

/// <summary>The extended attributes of the entries that have some: objects while a tree is built; in a file a number for each entry, and the sets one after the other.</summary>
internal sealed class ExtendedAttributeColumn
{
    private readonly Dictionary<int, ExtendedAttributeSet>? _built;
    private readonly SparseColumn<int>? _numbers;
    private readonly Column<long>? _positions;
    private readonly ReadOnlyMemory<byte> _sets;
    // Made when they are first asked for. Reference writes are atomic, and two of the same set are as good as one.
    private readonly ExtendedAttributeSet?[] _made = [];

    public ExtendedAttributeColumn() => _built = [];

    /// <summary>The column of a file; an empty one has no sections.</summary>
    public ExtendedAttributeColumn(IndexFile file, int section)
    {
        _numbers = new SparseColumn<int>(file, section);
        if (_numbers.Count == 0)
        {
            return;
        }
        _positions = file.GetColumn<long>(section + SparseColumn<int>.Sections);
        _sets = file.GetBytes(section + SparseColumn<int>.Sections + 1);
        _made = new ExtendedAttributeSet?[_positions.Count];
    }

    public int Count => _built?.Count ?? _numbers!.Count;

    public ExtendedAttributeSet this[int entry]
    {
        set => (_built ?? throw new InvalidOperationException("A column of a file does not change"))[entry] = value;
    }

    /// <summary>Takes away an entry's, while the tree is built.</summary>
    public void Remove(int entry) => (_built ?? throw new InvalidOperationException("A column of a file does not change")).Remove(entry);

    public ExtendedAttributeSet? GetValueOrDefault(int entry)
        => _built is not null ? _built.GetValueOrDefault(entry)
            : _numbers!.TryGetValue(entry, out int number) ? _made[number] ??= Read(number)
            : null;

    /// <summary>Writes it, for a tree of so many entries.</summary>
    public void Save(IndexWriter writer, int section, int entries)
    {
        if (Count == 0)
        {
            return;
        }
        SparseColumn<int> numbers = new();
        Dictionary<ExtendedAttributeSet, int> known = new(ReferenceEqualityComparer.Instance);
        Column<long> positions = new();
        IndexRecord sets = new();
        foreach ((int entry, ExtendedAttributeSet set) in _built!)
        {
            if (!known.TryGetValue(set, out int number))
            {
                number = known.Count;
                known.Add(set, number);
                positions.Add(sets.Bytes.Length);
                set.Save(sets);
            }
            numbers[entry] = number;
        }
        numbers.Save(writer, section, entries);
        writer.Add(section + SparseColumn<int>.Sections, positions);
        writer.Add(section + SparseColumn<int>.Sections + 1, sets);
    }

    private ExtendedAttributeSet Read(int number)
    {
        IndexRecordReader reader = new(_sets[(int)Math.Clamp(_positions![number], 0, _sets.Length)..]);
        return ExtendedAttributeSet.Load(reader) ?? throw new InvalidDataException("Extended attributes that cannot be: the index file they are from is damaged");
    }
}
