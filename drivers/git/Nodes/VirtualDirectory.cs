using System.Text;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>A directory that is made up: of refs, of commits, of what a commit says.</summary>
internal abstract class VirtualDirectory(ulong number, Node? parent, object key) : Node(number, parent, key)
{
    public override Attributes Attributes => NodeAttributes.OfDirectory(Inode, default);

    /// <summary>Whether the absence of a name may be believed for ever.</summary>
    public virtual bool IsImmutable => false;

    /// <summary>What a name leads to, with a reference for the kernel, or why not. May wait for a disk.</summary>
    public abstract Result<Node> Find(NodeTable table, string name);

    /// <summary>The names that are there now. It and going through them may wait for a disk.</summary>
    public abstract IEnumerable<string> List();

    /// <summary>The number for a name in here.</summary>
    protected ulong Derive(string name) => InodeNumbers.Derive(Number, Encoding.UTF8.GetBytes(name));
}
