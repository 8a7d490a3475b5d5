namespace Kaleidofs.Transforms.Overlay;

/// <summary>A piece of a directory's listing, kept.</summary>
internal sealed class CollectedEntries : DirectoryWriter
{
    public override bool IncludesLookup => false;

    public List<(byte[] Name, Attributes Attributes)> All { get; } = [];

    /// <summary>The position behind the last one.</summary>
    public ulong Cookie { get; private set; }

    public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
    {
        All.Add((name.ToArray(), entry.Attributes));
        Cookie = nextCookie;
        return true;
    }
}
