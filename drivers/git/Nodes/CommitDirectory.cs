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
internal sealed class CommitDirectory(ulong number, Node parent, object key, ServedRepository served, TextCache texts) : VirtualDirectory(number, parent, key)
{
    public const string MetaSuffix = ".meta";

    private readonly Repository _repository = served.Repository;

    public override Result<Node> Find(NodeTable table, string name)
    {
        bool isMeta = name.EndsWith(MetaSuffix, StringComparison.Ordinal);
        string digits = isMeta ? name[..^MetaSuffix.Length] : name;
        if (digits.Any(char.IsAsciiLetterUpper) || !Revision.AreDigits(digits, _repository.Format))
        {
            return Errno.ENOENT;
        }
        if (!ObjectId.TryParse(Encoding.ASCII.GetBytes(digits), _repository.Format, out ObjectId id))
        {
            return FindShort(table, digits, isMeta ? MetaSuffix : "");
        }
        Result<CommitFacts> commit = _repository.ReadCommit(id);
        if (!commit.IsOk || commit.Value.Id != id)
        {
            return commit.IsOk ? Errno.ENOENT : commit.Errno;
        }
        return isMeta
            ? table.Enter(Derive(name), name, number => new MetaDirectory(number, this, name, _repository, served.Trees, texts, commit.Value))
            : table.Enter(Derive(name), name, number => new TreeNode(number, this, name, new TreeInside(served, commit.Value.Tree, commit.Value, PathTimes.Root), isRoot: true));
    }

    public override IEnumerable<string> List()
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        IEnumerable<string> refs = [RefNames.Head, .. ((string[])[RefNames.Branches, RefNames.Tags, RefNames.Remotes]).SelectMany(_repository.Refs.List)];
        foreach (string full in refs)
        {
            if (_repository.ReadRef(full) is { IsOk: true, Value: var commit })
            {
                string hex = commit.Id.ToHex(_repository.Format);
                names.Add(hex);
                names.Add(hex + MetaSuffix);
            }
        }
        return names;
    }

    private Result<Node> FindShort(NodeTable table, string digits, string suffix)
    {
        if (Revision.FindCommits(_repository, digits) is not [var id])
        {
            return Errno.ENOENT;
        }
        Result<CommitFacts> commit = _repository.ReadCommit(id);
        if (!commit.IsOk)
        {
            return commit.Errno;
        }
        string target = id.ToHex(_repository.Format) + suffix;
        string key = "-> " + target;
        return table.Enter(Derive(key), key, number => new LinkNode(number, this, key, Encoding.ASCII.GetBytes(target), commit.Value.Time));
    }
}
