namespace Kaleidofs.Host.Cli;

/// <summary>Takes all entries of a listing, with attributes. Each counts as a lookup, for its owner to forget.</summary>
internal sealed class EntryCollector : DirectoryWriter
{
    /// <summary>What was listed so far.</summary>
    public List<ListedEntry> Entries { get; } = [];

    /// <summary>Where to go on.</summary>
    public ulong Cookie { get; private set; }

    /// <inheritdoc/>
    public override bool IncludesLookup => true;

    /// <inheritdoc/>
    public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
    {
        Entries.Add(new ListedEntry(name.ToArray(), entry.Attributes) { IsProvisional = entry.AttributeTime == CacheTime.None });
        Cookie = nextCookie;
        return true;
    }
}
