namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>A symbolic link to a commit. Another commit makes it another inode, so that nobody keeps an old target.</summary>
internal sealed class LinkNode(ulong number, Node parent, object key, ReadOnlyMemory<byte> target, Timestamp time) : Node(number, parent, key)
{
    public override ReadOnlyMemory<byte>? Target => target;

    /// <summary>A ref may move at any time.</summary>
    public override CacheTime NameTime => CacheTime.None;

    public override Attributes Attributes => NodeAttributes.OfLink(Inode, target.Length, time);
}
