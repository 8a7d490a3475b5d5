namespace Kaleidofs.Transforms.Overlay;

/// <summary>A changed name of a directory.</summary>
/// <param name="Inode">What it leads to; 0 if it is removed.</param>
/// <param name="Sequence">Its position in listings, behind all of the lower's names.</param>
/// <param name="CoversLower">Whether the lower directory has this name, too.</param>
internal readonly record struct OverlayName(ulong Inode, ulong Sequence, bool CoversLower);
