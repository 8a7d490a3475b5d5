using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>The commits that touched a path, as <c>git log -- PATH</c> has them: those that differ there from all of their parents. Its calls may wait for a disk.</summary>
/// <param name="repository">Where they are.</param>
/// <param name="trees">Keeps what is looked at.</param>
/// <param name="path">The names that lead to it; none for the root.</param>
internal sealed class PathHistory(Repository repository, TreeCache trees, IReadOnlyList<byte[]> path)
{
    /// <summary>Commits that are told.</summary>
    public const int MaxFound = 10_000;

    /// <summary>Commits that are looked at.</summary>
    public const int MaxCommits = 100_000;

    /// <summary>The commits, the newest first, each found when it is asked for.</summary>
    public IEnumerable<CommitFacts> Walk(CommitFacts tip)
    {
        PriorityQueue<(CommitFacts Commit, TreeSide? There), (long Age, int Order)> pending = new();
        HashSet<ObjectId> seen = [tip.Id];
        pending.Enqueue((tip, Find(tip.Tree)), default);
        int found = 0;
        for (int looked = 1; pending.TryDequeue(out var next, out _); looked++)
        {
            (CommitFacts? same, List<(CommitFacts Commit, TreeSide? There)> parents) = Compare(next.Commit, next.There);
            if (IsTouched(next.There, same, parents.Count))
            {
                yield return next.Commit;
                found++;
            }
            if (looked == MaxCommits || found == MaxFound)
            {
                repository.Log.Write($"the history of '{Name}' ends at commit {next.Commit.Id.ToHex(repository.Format)}: {looked} commits were looked at, and {found} touched it");
                yield break;
            }
            foreach ((CommitFacts Commit, TreeSide? There) parent in parents)
            {
                // Where a parent has the same, all that there is to know is behind it.
                if ((same is null || parent.Commit == same) && seen.Add(parent.Commit.Id))
                {
                    pending.Enqueue(parent, (-parent.Commit.Time.Seconds, seen.Count));
                }
            }
        }
    }

    /// <summary>Whether a commit touched the path.</summary>
    public bool IsTouchedBy(CommitFacts commit)
    {
        TreeSide? there = Find(commit.Tree);
        (CommitFacts? same, List<(CommitFacts, TreeSide?)> parents) = Compare(commit, there);
        return IsTouched(there, same, parents.Count);
    }

    /// <summary>What the path leads to in a tree; null for nothing.</summary>
    public TreeSide? Find(ObjectId tree)
    {
        TreeSide there = new(tree, TreeEntryKind.Directory);
        foreach (byte[] name in path)
        {
            if (there.Kind != TreeEntryKind.Directory || repository.ReadTree(there.Id, trees) is not { IsOk: true, Value: var content } || !content.TryFind(name, out int entry))
            {
                return null;
            }
            there = new TreeSide(content.GetId(entry), content.GetKind(entry));
        }
        return there;
    }

    private string Name => string.Join('/', path.Select(System.Text.Encoding.UTF8.GetString));

    private static bool IsTouched(TreeSide? there, CommitFacts? same, int parents) => same is null && (there is not null || parents > 0);

    /// <summary>The parents, and the first that has the same there. Those that a shallow clone lacks are none.</summary>
    private (CommitFacts? Same, List<(CommitFacts Commit, TreeSide? There)> Parents) Compare(CommitFacts commit, TreeSide? there)
    {
        List<(CommitFacts, TreeSide?)> parents = [];
        CommitFacts? same = null;
        foreach (ObjectId id in commit.Parents)
        {
            if (repository.ReadCommit(id) is { IsOk: true, Value: var parent })
            {
                TreeSide? before = Find(parent.Tree);
                parents.Add((parent, before));
                same ??= before == there ? parent : null;
            }
        }
        return (same, parents);
    }
}
