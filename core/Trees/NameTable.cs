using System.Numerics;
using Kaleidofs.Caching;

namespace Kaleidofs.Trees;

/// <summary>Finds an entry by directory and name: open addressing with linear probing over one int for each slot.</summary>
internal sealed class NameTable
{
    private const int FirstLength = 32;

    private readonly TreeColumns _columns;
    private readonly ulong[] _key;
    // A table of an index file, with the key that it was made with.
    private readonly MappedArray<int>? _mapped;
    // 0 is empty: entry 0 is the root, which no directory holds.
    private int[] _slots;
    private int _used;

    public NameTable(TreeColumns columns, int expected)
    {
        _columns = columns;
        _key = NameHash.DrawKey();
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(FirstLength, expected + (expected / 4)))];
    }

    public NameTable(TreeColumns columns, IndexFile file, int slotSection, int keySection)
    {
        _columns = columns;
        _slots = [];
        _mapped = file.GetArray<int>(slotSection);
        _key = file.GetArray<ulong>(keySection).Span.ToArray();
        if (!BitOperations.IsPow2(_mapped.Count) || _key.Length != NameHash.KeyLength)
        {
            file.Refuse();
        }
    }

    private ReadOnlySpan<int> Slots => _mapped is null ? _slots : _mapped.Span;

    /// <summary>The entry, or 0.</summary>
    public int Find(int parent, ReadOnlySpan<byte> name) => Slots[FindSlot(parent, name)];

    /// <summary>Adds an entry whose name is not there, or replaces the one that is.</summary>
    public void Set(int entry)
    {
        int slot = FindSlot(_columns.Parent[entry], _columns.GetName(entry));
        if (_slots[slot] == 0 && ++_used > _slots.Length / 8 * 7)
        {
            Grow();
            slot = FindSlot(_columns.Parent[entry], _columns.GetName(entry));
        }
        _slots[slot] = entry;
    }

    public void Save(IndexWriter writer, int slotSection, int keySection)
    {
        writer.Add(slotSection, Slots);
        writer.Add<ulong>(keySection, _key);
    }

    private int FindSlot(int parent, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<int> slots = Slots;
        int mask = slots.Length - 1;
        int slot = (int)NameHash.Compute(_key, parent, name) & mask;
        for (int probes = 0; probes < slots.Length; probes++)
        {
            int entry = slots[slot];
            if (entry == 0 || (_columns.Parent[entry] == parent && _columns.GetName(entry).SequenceEqual(name)))
            {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
        throw new InvalidDataException("A table of names without a free slot: the index file it is from is damaged");
    }

    private void Grow()
    {
        int[] old = _slots;
        _slots = new int[old.Length * 2];
        foreach (int entry in old)
        {
            if (entry != 0)
            {
                _slots[FindSlot(_columns.Parent[entry], _columns.GetName(entry))] = entry;
            }
        }
    }
}
