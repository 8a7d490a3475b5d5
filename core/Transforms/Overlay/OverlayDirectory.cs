using Kaleidofs.Paths;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>The changed names of one directory: found by name, listed in the order in which they were made.</summary>
internal sealed class OverlayDirectory
{
    private readonly Dictionary<byte[], OverlayName> _names = new(NameComparer.Instance);
    // Sequences only grow, so appending keeps the order. What was removed stays until half of the list is that.
    private List<(ulong Sequence, byte[] Name)> _order = [];
    private int _present;

    /// <summary>The names that are removed, in any order.</summary>
    public IEnumerable<KeyValuePair<byte[], OverlayName>> Removed => _names.Where(name => name.Value.Inode == 0);

    /// <summary>How many names lead to something.</summary>
    public int Present => _present;

    public bool TryGet(ReadOnlySpan<byte> name, out OverlayName found)
        => _names.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out found);

    public void Set(ReadOnlySpan<byte> name, OverlayName value)
    {
        byte[] key = Remove(name) ?? name.ToArray();
        _names[key] = value;
        if (value.Inode != 0)
        {
            _order.Add((value.Sequence, key));
            _present++;
        }
    }

    /// <summary>Forgets a name; returns its bytes as they were kept, if it was there.</summary>
    public byte[]? Remove(ReadOnlySpan<byte> name)
    {
        if (!_names.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(name, out byte[]? key, out OverlayName old))
        {
            return null;
        }
        _present -= old.Inode != 0 ? 1 : 0;
        if (_order.Count > 32 && _order.Count > _present * 2)
        {
            _order = [.. Enumerate(0).Select(entry => (entry.Value.Sequence, entry.Name))];
        }
        return key;
    }

    /// <summary>What is there behind a position.</summary>
    public IEnumerable<(byte[] Name, OverlayName Value)> Enumerate(ulong after)
    {
        int low = 0;
        int high = _order.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_order[middle].Sequence <= after)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        for (; low < _order.Count; low++)
        {
            (ulong sequence, byte[] name) = _order[low];
            if (_names.TryGetValue(name, out OverlayName value) && value.Inode != 0 && value.Sequence == sequence)
            {
                yield return (name, value);
            }
        }
    }
}
