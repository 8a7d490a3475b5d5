namespace Kaleidofs.Transforms.Overlay;

/// <summary>What a name leads to, for a change that is about to be made.</summary>
/// <param name="Attributes">The inode's attributes; inode 0 if the name is free.</param>
/// <param name="IsInLower">Whether the lower directory has the name, shown or not.</param>
internal readonly record struct FoundName(Attributes Attributes, bool IsInLower)
{
    public ulong Inode => Attributes.Inode;

    public bool IsThere => Attributes.Inode != 0;
}
