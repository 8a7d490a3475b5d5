using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>
/// The model's memory: units of 12 bytes that are given out, taken back in lists by size, and glued together when they run out. When that is
/// tells where the model begins anew, so each step must be the encoder's. Places are positions in an array, which checks each access.
/// </summary>
/// <param name="bytes">At least <see cref="Overhead"/> more than <paramref name="length"/>; what it holds is of no interest.</param>
/// <param name="length">What the stream says how much memory there is.</param>
internal sealed class PpmdHeap(byte[] bytes, int length)
{
    /// <summary>Bytes of a unit: a context, or two states.</summary>
    public const int UnitLength = 12;

    /// <summary>Bytes before the first that is used: place 0 stands for none.</summary>
    public const int Overhead = 16;

    private const int Indices = 38;
    private const int MostUnits = 128;

    /// <summary>The first word of a free block; a context or a state never begins so.</summary>
    private const int FreeMark = -1;

    // A free block: the mark, the next in its list, its units.
    private const int NextOffset = 4;
    private const int UnitsOffset = 8;

    private const int AllocationsPerGluing = 1 << 13;
    private const int MovedAtMost = 16 << 10;

    private static readonly byte[] UnitsOfIndex = MakeUnits();
    private static readonly byte[] IndexOfUnits = MakeIndices(UnitsOfIndex);

    private readonly int[] _free = new int[Indices];
    private readonly int[] _counts = new int[Indices];
    private int _low;
    private int _high;

    /// <summary>All of it.</summary>
    public byte[] Bytes => bytes;

    /// <summary>Where the next byte of the text goes that contexts are made of later.</summary>
    public int Text { get; set; }

    /// <summary>Where the units begin: what lies before is text.</summary>
    public int UnitsStart { get; private set; }

    /// <summary>Allocations that fail until free blocks are glued.</summary>
    public int GlueCount { get; set; }

    /// <summary>Bytes that are not free.</summary>
    public int Used
    {
        get
        {
            int free = 0;
            for (int i = 0; i < Indices; i++)
            {
                free += _counts[i] * UnitsOfIndex[i];
            }
            return length - (_high - _low) - (UnitsStart - Text) - (free * UnitLength);
        }
    }

    /// <summary>All is free again.</summary>
    public void Reset()
    {
        Array.Clear(_free);
        Array.Clear(_counts);
        ResetText();
        _high = Text + length;
        _low = UnitsStart = _high - (length / 8 / UnitLength * 7 * UnitLength);
        GlueCount = 0;
    }

    /// <summary>The text begins anew.</summary>
    public void ResetText() => Text = Overhead / 4;

    /// <summary>Room for a context; 0 if there is none.</summary>
    public int AllocateContext()
    {
        if (_high != _low)
        {
            return _high -= UnitLength;
        }
        return _free[0] != 0 ? Take(0) : AllocateRare(0);
    }

    /// <summary>Room for units; 0 if there is none.</summary>
    public int Allocate(int units)
    {
        int index = IndexOfUnits[units - 1];
        if (_free[index] != 0)
        {
            return Take(index);
        }
        int count = UnitsOfIndex[index] * UnitLength;
        if (count > _high - _low)
        {
            return AllocateRare(index);
        }
        int place = _low;
        _low += count;
        return place;
    }

    /// <summary>Room for one unit more, with what was there; 0, with the old left as it is, if there is none.</summary>
    public int Grow(int place, int units)
    {
        int index = IndexOfUnits[units - 1];
        if (index == IndexOfUnits[units])
        {
            return place;
        }
        int moved = Allocate(units + 1);
        if (moved != 0)
        {
            Copy(place, moved, units);
            Put(place, index);
        }
        return moved;
    }

    /// <summary>Gives back what is more than <paramref name="newUnits"/>.</summary>
    public int Shrink(int place, int oldUnits, int newUnits)
    {
        int from = IndexOfUnits[oldUnits - 1];
        int to = IndexOfUnits[newUnits - 1];
        if (from == to)
        {
            return place;
        }
        if (_free[to] == 0)
        {
            Split(place, from, to);
            return place;
        }
        int moved = Take(to);
        Copy(place, moved, newUnits);
        Put(place, from);
        return moved;
    }

    public void Free(int place, int units) => Put(place, IndexOfUnits[units - 1]);

    /// <summary>Frees one unit; where the text could grow into it, it does.</summary>
    public void FreeUnit(int place)
    {
        if (place != UnitsStart)
        {
            Put(place, 0);
            return;
        }
        UnitsStart += UnitLength;
    }

    /// <summary>Moves units away from the text, if there is a free place higher up.</summary>
    public int MoveUp(int place, int units)
    {
        int index = IndexOfUnits[units - 1];
        if (place > UnitsStart + MovedAtMost || place > _free[index])
        {
            return place;
        }
        int moved = Take(index);
        Copy(place, moved, units);
        if (place != UnitsStart)
        {
            Put(place, index);
        }
        else
        {
            UnitsStart += UnitsOfIndex[index] * UnitLength;
        }
        return moved;
    }

    /// <summary>Gives the free blocks right behind the text to it.</summary>
    public void ExpandText()
    {
        Span<int> taken = stackalloc int[Indices];
        taken.Clear();
        Guard();
        int node = UnitsStart;
        while (Read(node) == FreeMark)
        {
            Write(node, 0);
            int units = GetUnits(node);
            taken[IndexOfUnits[units - 1]]++;
            node += units * UnitLength;
        }
        UnitsStart = node;
        for (int i = 0; i < Indices; i++)
        {
            int previous = 0;
            for (int next = _free[i]; taken[i] != 0 && next != 0; next = Read(next + NextOffset))
            {
                if (Read(next) != 0)
                {
                    previous = next;
                    continue;
                }
                Link(i, previous, Read(next + NextOffset));
                _counts[i]--;
                taken[i]--;
            }
        }
    }

    private static byte[] MakeUnits()
    {
        byte[] units = new byte[Indices];
        int sum = 0;
        for (int i = 0; i < Indices; i++)
        {
            sum += Math.Min((i / 4) + 1, 4);
            units[i] = (byte)sum;
        }
        return units;
    }

    private static byte[] MakeIndices(byte[] units)
    {
        byte[] indices = new byte[MostUnits];
        for (int i = 0, index = 0; i < MostUnits; i++)
        {
            index += i + 1 > units[index] ? 1 : 0;
            indices[i] = (byte)index;
        }
        return indices;
    }

    private int AllocateRare(int index)
    {
        if (GlueCount == 0)
        {
            Glue();
            if (_free[index] != 0)
            {
                return Take(index);
            }
        }
        for (int i = index + 1; i < Indices; i++)
        {
            if (_free[i] != 0)
            {
                int place = Take(i);
                Split(place, i, index);
                return place;
            }
        }
        // From the text's room, as long as there is some.
        int count = UnitsOfIndex[index] * UnitLength;
        GlueCount--;
        return UnitsStart - Text > count ? UnitsStart -= count : 0;
    }

    /// <summary>Joins free blocks that stand side by side, and sorts them into their lists again.</summary>
    private void Glue()
    {
        GlueCount = AllocationsPerGluing;
        Array.Clear(_counts);
        Guard();
        int head = JoinAll();
        Array.Clear(_free);
        while (head != 0)
        {
            int node = head;
            int units = Read(node + UnitsOffset);
            head = Read(node + NextOffset);
            for (; units > MostUnits; units -= MostUnits, node += MostUnits * UnitLength)
            {
                Put(node, Indices - 1);
            }
            if (units > 0)
            {
                PutUnits(node, units);
            }
        }
    }

    /// <summary>One list of all blocks, in the order of the lists; those that were joined to others later have no units.</summary>
    private int JoinAll()
    {
        int head = 0;
        int last = 0;
        foreach (int first in _free)
        {
            for (int node = first; node != 0; node = Read(node + NextOffset))
            {
                int units = Read(node + UnitsOffset);
                if (units == 0)
                {
                    continue;
                }
                if (last == 0)
                {
                    head = node;
                }
                else
                {
                    Write(last + NextOffset, node);
                }
                last = node;
                int other;
                while (Read(other = node + (units * UnitLength)) == FreeMark)
                {
                    units += GetUnits(other);
                    Write(other + UnitsOffset, 0);
                }
                Write(node + UnitsOffset, units);
            }
        }
        if (last != 0)
        {
            Write(last + NextOffset, 0);
        }
        return head;
    }

    /// <summary>What was never given out is not taken for a free block.</summary>
    private void Guard()
    {
        if (_low != _high)
        {
            Write(_low, 0);
        }
    }

    private void Split(int place, int oldIndex, int newIndex)
        => PutUnits(place + (UnitsOfIndex[newIndex] * UnitLength), UnitsOfIndex[oldIndex] - UnitsOfIndex[newIndex]);

    /// <summary>Frees units that may be of no list's size: then as two blocks.</summary>
    private void PutUnits(int place, int units)
    {
        int index = IndexOfUnits[units - 1];
        if (UnitsOfIndex[index] != units)
        {
            int first = UnitsOfIndex[--index];
            Put(place + (first * UnitLength), IndexOfUnits[units - first - 1]);
        }
        Put(place, index);
    }

    private void Put(int place, int index)
    {
        Write(place, FreeMark);
        Write(place + NextOffset, _free[index]);
        Write(place + UnitsOffset, UnitsOfIndex[index]);
        _free[index] = place;
        _counts[index]++;
    }

    private int Take(int index)
    {
        int place = _free[index];
        _free[index] = Read(place + NextOffset);
        _counts[index]--;
        return place;
    }

    private void Link(int index, int previous, int next)
    {
        if (previous == 0)
        {
            _free[index] = next;
        }
        else
        {
            Write(previous + NextOffset, next);
        }
    }

    /// <summary>The units of a free block, of which there is at least one: else a walk would not end.</summary>
    private int GetUnits(int node) => Read(node + UnitsOffset) is > 0 and int units ? units : throw new InvalidDataException("the model's memory is not what it was");

    private void Copy(int from, int to, int units) => Buffer.BlockCopy(bytes, from, bytes, to, units * UnitLength);

    private int Read(int place) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(place));

    private void Write(int place, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(place), value);
}
