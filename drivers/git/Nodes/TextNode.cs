namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>A small file that is made from what a commit says.</summary>
internal sealed class TextNode(ulong number, Node parent, object key, ReadOnlyMemory<byte> content, Timestamp time) : Node(number, parent, key)
{
    public override ReadOnlyMemory<byte>? Content => content;

    public override Attributes Attributes => NodeAttributes.OfText(Inode, content.Length, time);
}
