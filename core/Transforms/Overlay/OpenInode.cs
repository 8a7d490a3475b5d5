using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>A file that somebody has open, or that is being changed: what is no part of the saved state.</summary>
internal sealed class OpenInode(ulong inode)
{
    public ulong Inode { get; } = inode;

    /// <summary>How many have it. Guarded by the filesystem's gate.</summary>
    public int Users { get; set; }

    /// <summary>The node of a file that lost its last name. Guarded by the filesystem's gate.</summary>
    public OverlayNode? Orphan { get; set; }

    /// <summary>The content's file in the upper directory. Made while <see cref="Writing"/> is held, closed by the last user.</summary>
    public SafeFileHandle? Data { get; set; }

    /// <summary>Held while content is changed: size and file stay in step. It is waited for before the filesystem's own.</summary>
    public SemaphoreSlim Writing { get; } = new(1, 1);
}
