namespace Kaleidofs.Tests.Unit.Transforms.Overlay;

/// <summary>A file, directory or link as it should be.</summary>
internal sealed class ModelNode
{
    public SortedDictionary<string, ModelNode> Children { get; } = new(StringComparer.Ordinal);

    public byte[] Content { get; set; } = [];

    public string? Target { get; init; }

    public uint Mode { get; set; }

    public int Links { get; set; } = 1;

    /// <summary>The number that it had when it was last looked at.</summary>
    public ulong Inode { get; set; }

    public bool IsDirectory => (Mode & FileType.Mask) == FileType.Directory;

    public bool Contains(ModelNode other) => this == other || Children.Values.Any(child => child.Contains(other));
}
