using System.Text;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Refs;
using Kaleidofs.Drivers.Git.Times;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>
/// All commits by their names. Listed are those that refs lead to, each with its tree, and, beside it, where no tracked name can be, what it says:
/// <c>1234.meta</c>. Any other is found by its name, or by some of its first digits, which are a symbolic link.
/// </summary>
internal sealed class CommitDirectory(ulong number, Node parent, object key, Repository repository, TreeCache trees, TextCache texts) : VirtualDirectory(number, parent, key)
{
    public const string MetaSuffix = ".meta";

    public override Result<Node> Find(NodeTable table, string name)
    {
        bool isMeta = name.EndsWith(MetaSuffix, StringComparison.Ordinal);
        string digits = isMeta ? name[..^MetaSuffix.Length] : name;
        if (digits.Any(char.IsAsciiLetterUpper) || !Revision.AreDigits(digits, repository.Format))
        {
            return Errno.ENOENT;
        }
        if (!ObjectId.TryParse(Encoding.ASCII.GetBytes(digits), repository.Format, out ObjectId id))
        {
            return FindShort(table, digits, isMeta ? MetaSuffix : "");
        }
        Result<CommitFacts> commit = repository.ReadCommit(id);
        if (!commit.IsOk || commit.Value.Id != id)
        {
            return commit.IsOk ? Errno.ENOENT : commit.Errno;
        }
        return isMeta
            ? table.Enter(Derive(name), name, number => new MetaDirectory(number, this, name, repository, trees, texts, commit.Value))
            : table.Enter(Derive(name), name, number => new TreeNode(number, this, name, commit.Value.Tree, commit.Value, isRoot: true, PathTimes.Root));
    }

    public override IEnumerable<string> List()
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        IEnumerable<string> refs = [RefNames.Head, .. ((string[])[RefNames.Branches, RefNames.Tags, RefNames.Remotes]).SelectMany(repository.Refs.List)];
        foreach (string full in refs)
        {
            if (repository.ReadRef(full) is { IsOk: true, Value: var commit })
            {
                string hex = commit.Id.ToHex(repository.Format);
                names.Add(hex);
                names.Add(hex + MetaSuffix);
            }
        }
        return names;
    }

    private Result<Node> FindShort(NodeTable table, string digits, string suffix)
    {
        if (Revision.FindCommits(repository, digits) is not [var id])
        {
            return Errno.ENOENT;
        }
        Result<CommitFacts> commit = repository.ReadCommit(id);
        if (!commit.IsOk)
        {
            return commit.Errno;
        }
        string target = id.ToHex(repository.Format) + suffix;
        string key = "-> " + target;
        return table.Enter(Derive(key), key, number => new LinkNode(number, this, key, Encoding.ASCII.GetBytes(target), commit.Value.Time));
    }
}
