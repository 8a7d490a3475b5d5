using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Times;

/// <summary>
/// Finds for every path of a commit the last commit that touched it, as <c>git log -1 -- PATH</c> tells it, in one way through the history:
/// each commit has the paths that it may have touched, and hands each on to the first parent that has the same there.
/// </summary>
internal sealed class LastChangeWalk
{
    private const int MaxPaths = 4_000_000;
    private const int MaxDepth = 1000;

    /// <summary>Entries that are compared for one commit: few objects can be a tree without end.</summary>
    private const int MaxCompared = 8_000_000;

    private readonly Repository _repository;
    private readonly TreeCache _trees;
    private readonly PriorityQueue<CommitFacts, (long Age, int Order)> _pending = new();
    private readonly Dictionary<ObjectId, HashSet<ulong>> _open = [];
    private readonly Dictionary<ulong, long> _times = [];
    private readonly CommitFacts _commit;
    private int _order;
    private int _compared;

    public LastChangeWalk(Repository repository, TreeCache trees, CommitFacts commit)
    {
        (_repository, _trees, _commit) = (repository, trees, commit);
    }

    /// <summary>Whether nothing of the history was missing, so that what was found holds wherever the commit is.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Whether it was given up: there is too much.</summary>
    public bool IsTooMuch { get; private set; }

    public PathTimes Result => new(_times);

    /// <summary>Looks at a commit. May wait for a disk.</summary>
    /// <returns>Whether there is another.</returns>
    public bool Step()
    {
        if (_order == 0)
        {
            HashSet<ulong> all = [];
            Collect(null, _commit.Tree, PathTimes.Root, all, depth: 0);
            HandOn(_commit, all);
        }
        if (!IsTooMuch && _pending.TryDequeue(out CommitFacts? commit, out _) && _open.Remove(commit.Id, out HashSet<ulong>? open))
        {
            Look(commit, open);
        }
        return !IsTooMuch && _pending.Count > 0;
    }

    private void Look(CommitFacts commit, HashSet<ulong> open)
    {
        foreach (ObjectId id in commit.Parents)
        {
            if (_repository.ReadCommit(id) is not { IsOk: true, Value: var parent })
            {
                // As in a shallow clone: git takes the commit for the first one then.
                IsWhole = false;
                continue;
            }
            HashSet<ulong> changed = [];
            _compared = 0;
            Collect(parent.Tree, commit.Tree, PathTimes.Root, changed, depth: 0);
            changed.IntersectWith(open);
            open.ExceptWith(changed);
            HandOn(parent, open);
            open = changed;
            if (open.Count == 0 || IsTooMuch)
            {
                return;
            }
        }
        foreach (ulong path in open)
        {
            _times.TryAdd(path, commit.Time.Seconds);
        }
    }

    private void HandOn(CommitFacts commit, HashSet<ulong> paths)
    {
        if (paths.Count == 0)
        {
            return;
        }
        if (!_open.TryGetValue(commit.Id, out HashSet<ulong>? there))
        {
            _open.Add(commit.Id, paths);
            _pending.Enqueue(commit, (-commit.Time.Seconds, ++_order));
            return;
        }
        (HashSet<ulong> larger, HashSet<ulong> smaller) = there.Count < paths.Count ? (paths, there) : (there, paths);
        larger.UnionWith(smaller);
        _open[commit.Id] = larger;
    }

    /// <summary>The paths of a tree that another has not, or has otherwise.</summary>
    private void Collect(ObjectId? before, ObjectId after, ulong directory, HashSet<ulong> changed, int depth)
    {
        if (before == after || _repository.ReadTree(after, _trees) is not { IsOk: true, Value: var current })
        {
            return;
        }
        TreeContent? old = before is { } tree && _repository.ReadTree(tree, _trees) is { IsOk: true, Value: var read } ? read : null;
        _compared += current.Count;
        if (depth > MaxDepth || _compared > MaxCompared || changed.Count > MaxPaths)
        {
            IsTooMuch = true;
        }
        for (int entry = 0; entry < current.Count && !IsTooMuch; entry++)
        {
            ReadOnlySpan<byte> name = current.GetName(entry);
            TreeSide side = new(current.GetId(entry), current.GetKind(entry));
            TreeSide? was = old is not null && old.TryFind(name, out int place) ? new TreeSide(old.GetId(place), old.GetKind(place)) : null;
            if (was == side)
            {
                continue;
            }
            ulong path = PathTimes.Derive(directory, name);
            changed.Add(path);
            if (side.Kind == TreeEntryKind.Directory)
            {
                Collect(was is { Kind: TreeEntryKind.Directory } ? was.Value.Id : null, side.Id, path, changed, depth + 1);
            }
        }
    }
}
