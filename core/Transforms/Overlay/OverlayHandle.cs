namespace Kaleidofs.Transforms.Overlay;

/// <summary>An open file or directory.</summary>
/// <param name="File">The file; null for a directory.</param>
/// <param name="Lower">The lower filesystem's handle, if it was asked for one.</param>
internal sealed record OverlayHandle(OpenInode? File, ulong? Lower);
