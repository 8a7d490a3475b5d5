using System.Text;
using Kaleidofs.Drivers.Git.Refs;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>The refs below a prefix, as symbolic links into <c>commits/</c>; what stands before a slash in a name is a directory.</summary>
/// <param name="number">Its number.</param>
/// <param name="parent">The directory that it is in.</param>
/// <param name="key">What it is.</param>
/// <param name="repository">The repository.</param>
/// <param name="prefix">What its refs begin with; it ends with a slash.</param>
/// <param name="depth">How many directories it is below the root.</param>
internal sealed class RefDirectory(ulong number, Node parent, object key, Repository repository, string prefix, int depth) : VirtualDirectory(number, parent, key)
{
    /// <summary>Those at the root are always there; others come and go with the refs in them.</summary>
    public override CacheTime NameTime => depth == 1 ? CacheTime.Forever : CacheTime.None;

    public override Result<Node> Find(NodeTable table, string name)
    {
        string full = prefix + name;
        if (!RefNames.IsValid(full))
        {
            return Errno.ENOENT;
        }
        Result<Node> link = EnterLink(this, table, repository, name, full, depth);
        if (link.Errno != Errno.ENOENT || repository.Refs.List(full + "/").Count == 0)
        {
            return link;
        }
        string key = full + "/";
        return table.Enter(Derive(name), key, number => new RefDirectory(number, this, key, repository, key, depth + 1));
    }

    public override IEnumerable<string> List()
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (string full in repository.Refs.List(prefix))
        {
            int slash = full.IndexOf('/', prefix.Length);
            names.Add(slash < 0 ? full[prefix.Length..] : full[prefix.Length..slash]);
        }
        return names;
    }

    /// <summary>The link for a ref, if it leads to a commit. Tags of trees and files do not.</summary>
    public static Result<Node> EnterLink(Node parent, NodeTable table, Repository repository, string name, string full, int depth)
    {
        Result<CommitFacts> commit = repository.ReadRef(full);
        if (!commit.IsOk)
        {
            return commit.Errno;
        }
        string hex = commit.Value.Id.ToHex(repository.Format);
        string key = $"{full} {hex}";
        return table.Enter(InodeNumbers.Derive(parent.Number, Encoding.UTF8.GetBytes($"{name} {hex}")), key, number =>
            new LinkNode(number, parent, key, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("../", depth)) + "commits/" + hex), commit.Value.Time));
    }
}
