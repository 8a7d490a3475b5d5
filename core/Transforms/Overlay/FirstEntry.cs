namespace Kaleidofs.Transforms.Overlay;

/// <summary>Looks whether a directory has anything.</summary>
internal sealed class FirstEntry : DirectoryWriter
{
    public override bool IncludesLookup => false;

    public bool IsThere { get; private set; }

    public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
    {
        IsThere = true;
        return false;
    }
}
