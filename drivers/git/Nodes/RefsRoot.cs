using Kaleidofs.Drivers.Git.Refs;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>The root of a _repository that was named without a ref: HEAD, branches, tags, remotes, commits, history.</summary>
internal sealed class RefsRoot(ServedRepository served, TextCache texts) : VirtualDirectory(InodeNumbers.Root, parent: null, "/")
{
    private const string Commits = "commits";

    private const string History = "history";

    /// <summary>History is looked at with small trees, and long; what is being walked through stays.</summary>
    private const long HistoryBudget = 8 << 20;

    private static readonly string[] Directories = ["branches", "tags", "remotes", Commits];

    private readonly Repository _repository = served.Repository;
    private readonly TreeCache _historyTrees = new(HistoryBudget);

    public override Result<Node> Find(NodeTable table, string name)
    {
        string key = "/" + name;
        return name switch
        {
            RefNames.Head => RefDirectory.EnterLink(this, table, _repository, name, RefNames.Head, depth: 0),
            Commits => table.Enter(Derive(name), key, number => new CommitDirectory(number, this, key, served, texts)),
            History => _repository.ReadRef(RefNames.Head) is { IsOk: false, Errno: var errno } ? errno
                : table.Enter(Derive(name), key, number => new HistoryDirectory(number, this, key, _repository, _historyTrees, [])),
            "branches" => EnterRefs(table, name, RefNames.Branches),
            "tags" => EnterRefs(table, name, RefNames.Tags),
            "remotes" => EnterRefs(table, name, RefNames.Remotes),
            _ => Errno.ENOENT,
        };
    }

    public override IEnumerable<string> List() => _repository.ReadRef(RefNames.Head).IsOk ? [RefNames.Head, .. Directories, History] : Directories;

    private Result<Node> EnterRefs(NodeTable table, string name, string prefix)
        => table.Enter(Derive(name), prefix, number => new RefDirectory(number, this, prefix, _repository, prefix, depth: 1));
}
