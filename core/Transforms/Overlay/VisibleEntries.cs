namespace Kaleidofs.Transforms.Overlay;

/// <summary>Takes a lower directory's listing, and passes on what no change hides, with the attributes that it has by now.</summary>
/// <param name="destination">Takes what is left.</param>
/// <param name="show">Rewrites an entry; false if it is hidden.</param>
internal sealed class VisibleEntries(DirectoryWriter destination, VisibleEntries.Show show) : DirectoryWriter
{
    /// <summary>Rewrites an entry of the lower filesystem as the overlay has it; false if its name is removed or taken.</summary>
    public delegate bool Show(ReadOnlySpan<byte> name, ref Entry entry);

    public override bool IncludesLookup => destination.IncludesLookup;

    /// <summary>The position behind the last entry.</summary>
    public ulong Cookie { get; set; }

    /// <summary>Entries that came since this was last reset.</summary>
    public int Seen { get; set; }

    /// <summary>The destination took no more.</summary>
    public bool IsFull { get; private set; }

    public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
    {
        Entry shown = entry;
        if (show(name, ref shown) && !destination.TryAdd(name, nextCookie, shown))
        {
            IsFull = true;
            return false;
        }
        Seen++;
        Cookie = nextCookie;
        return true;
    }
}
