using System.Numerics;

namespace Kaleidofs.Trees;

/// <summary>Finds an entry by directory and name: open addressing with linear probing over one int for each slot.</summary>
internal sealed class NameTable
{
    private const int FirstLength = 32;

    private readonly TreeColumns _columns;
    // 0 is empty: entry 0 is the root, which no directory holds.
    private int[] _slots;
    private int _used;

    public NameTable(TreeColumns columns, int expected)
    {
        _columns = columns;
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(FirstLength, expected + (expected / 4)))];
    }

    /// <summary>The entry, or 0.</summary>
    public int Find(int parent, ReadOnlySpan<byte> name) => _slots[FindSlot(parent, name)];

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

    private int FindSlot(int parent, ReadOnlySpan<byte> name)
    {
        int[] slots = _slots;
        int mask = slots.Length - 1;
        int slot = (int)NameHash.Compute(parent, name) & mask;
        while (true)
        {
            int entry = slots[slot];
            if (entry == 0 || (_columns.Parent[entry] == parent && _columns.GetName(entry).SequenceEqual(name)))
            {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
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
