using Kaleidofs.Drivers.Git.Refs;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>The root of a repository that was named without a ref: HEAD, branches, tags, remotes, commits.</summary>
internal sealed class RefsRoot(Repository repository, TreeCache trees) : VirtualDirectory(InodeNumbers.Root, parent: null, "/")
{
    private const string Commits = "commits";

    private static readonly string[] Directories = ["branches", "tags", "remotes", Commits];

    public override Result<Node> Find(NodeTable table, string name)
    {
        string key = "/" + name;
        return name switch
        {
            RefNames.Head => RefDirectory.EnterLink(this, table, repository, name, RefNames.Head, depth: 0),
            Commits => table.Enter(Derive(name), key, number => new CommitDirectory(number, this, key, repository, trees)),
            "branches" => EnterRefs(table, name, RefNames.Branches),
            "tags" => EnterRefs(table, name, RefNames.Tags),
            "remotes" => EnterRefs(table, name, RefNames.Remotes),
            _ => Errno.ENOENT,
        };
    }

    public override IReadOnlyCollection<string> List() => repository.ReadRef(RefNames.Head).IsOk ? [RefNames.Head, .. Directories] : Directories;

    private Result<Node> EnterRefs(NodeTable table, string name, string prefix)
        => table.Enter(Derive(name), prefix, number => new RefDirectory(number, this, prefix, repository, prefix, depth: 1));
}
