using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>A submodule: the tree of its commit if its repository is at hand, which is looked for when somebody looks into it; empty if not.</summary>
internal sealed class SubmoduleNode(ulong number, TreeNode parent, object key, TreeInside place, ObjectId commit) : TreeNode(number, parent, key, place, isRoot: false)
{
    private readonly Lock _looking = new();
    private volatile bool _isKnown;

    public override TreeContent? Content => _isKnown ? base.Content : null;

    public override Result<TreeContent> Read()
    {
        lock (_looking)
        {
            if (!_isKnown)
            {
                Inside = Place.Served.Submodules.Find(Place.Commit, Place.PathDigest, commit) ?? Place;
                _isKnown = true;
            }
        }
        return base.Read();
    }

    public override GitAttributes ExtendedAttributes
        => new() { ObjectId = commit.ToHex(Place.Served.Repository.Format), Commit = commit.ToHex(Place.Served.Repository.Format) };
}
