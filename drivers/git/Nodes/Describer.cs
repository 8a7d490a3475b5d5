using Kaleidofs.Drivers.Git.Times;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>What is told of an inode, and for how long it may be kept.</summary>
/// <param name="times">When paths were last changed; null if all have their commit's time.</param>
internal sealed class Describer(ChangeTimes? times)
{
    /// <summary>How long a time is kept that is not known yet.</summary>
    private static readonly CacheTime Soon = CacheTime.FromSeconds(1);

    /// <summary>A node's.</summary>
    public CachedAttributes Describe(Node node)
    {
        CachedAttributes described = new(node.Attributes, node.HasAttributes ? CacheTime.Forever : CacheTime.None);
        return times is null || node is not TreeNode { IsRoot: false } tree ? described
            : new(WithTime(described.Attributes, times.Get(tree.Place.Commit, tree.Place.PathDigest, out bool isFinal)), isFinal ? CacheTime.Forever : Soon);
    }

    /// <summary>Those of what is at a place in a tree, and no directory.</summary>
    public CachedAttributes Describe(TreeNode tree, TreeContent content, int place, long size)
    {
        Attributes attributes = NodeAttributes.OfEntry(tree.GetInode(place), content.GetKind(place), size, tree.Inside.Commit.Time);
        return times is null ? new(attributes, CacheTime.Forever)
            : new(WithTime(attributes, times.Get(tree.Inside.Commit, PathTimes.Derive(tree.Inside.PathDigest, content.GetName(place)), out bool isFinal)), isFinal ? CacheTime.Forever : Soon);
    }

    /// <summary>What leads to a node.</summary>
    public Entry ToEntry(Node node)
    {
        CachedAttributes described = Describe(node);
        return new Entry { Attributes = described.Attributes, NameTime = node.NameTime, AttributeTime = described.Time };
    }

    private static Attributes WithTime(Attributes attributes, Timestamp time)
    {
        attributes.ModificationTime = time;
        attributes.ChangeTime = time;
        attributes.AccessTime = time;
        return attributes;
    }
}
