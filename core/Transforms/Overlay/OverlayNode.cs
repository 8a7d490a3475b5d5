namespace Kaleidofs.Transforms.Overlay;

/// <summary>An inode that the overlay has something of: a new one, or one of the lower filesystem's with changes. Guarded by the filesystem's gate.</summary>
internal sealed class OverlayNode(ulong inode)
{
    /// <summary>The number: the lower's own, or one of <see cref="OverlayState.FirstUpper"/> and above.</summary>
    public ulong Inode { get; } = inode;

    /// <summary>All attributes, once one of them is changed.</summary>
    public Attributes Attributes;

    /// <summary>The content is a file of the upper directory; without one it is empty.</summary>
    public bool HasContent { get; set; }

    /// <summary>The content may have been written to since size and times were recorded: after a crash the file tells them.</summary>
    public bool IsDirty { get; set; }

    /// <summary>The directory that holds this directory, if that is not the lower's answer; else 0.</summary>
    public ulong Parent { get; set; }

    /// <summary>The target of a symbolic link that was made here.</summary>
    public byte[]? Target { get; set; }

    /// <summary>All extended attributes, once one of them is changed.</summary>
    public Dictionary<byte[], byte[]>? ExtendedAttributes { get; set; }

    /// <summary>What is changed of the names in this directory.</summary>
    public OverlayDirectory? Directory { get; set; }
}
