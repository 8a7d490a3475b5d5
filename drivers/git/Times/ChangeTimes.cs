using System.Collections.Concurrent;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Times;

/// <summary>When paths were last changed (<c>-o mtime=last-change</c>): found out in the background for each commit that somebody looks at, and kept for the next time.</summary>
internal sealed class ChangeTimes
{
    /// <summary>Commits whose times are in memory.</summary>
    private const int MaxCommits = 16;

    /// <summary>Trees of the past are looked at once, mostly.</summary>
    private const long TreeBudget = 16 << 20;

    /// <summary>Commits that are looked at in one step.</summary>
    private const int StepLength = 32;

    private readonly Repository _repository;
    private readonly TimesFolder? _folder;
    private readonly TreeCache _trees = new(TreeBudget);
    private readonly ConcurrentDictionary<Objects.ObjectId, Known> _known = new();
    private readonly ConcurrentQueue<Known> _pending = new();
    private readonly BackgroundWork _work;
    private Known? _current;
    private LastChangeWalk? _walk;

    public ChangeTimes(Repository repository, TimesFolder? folder, FileReader files)
    {
        (_repository, _folder) = (repository, folder);
        _work = new BackgroundWork(files, Step);
    }

    /// <summary>The time of a path, if it is known by now; never waits.</summary>
    /// <param name="commit">The commit that is looked at.</param>
    /// <param name="path">The digest of the path.</param>
    /// <param name="isFinal">Whether it stays as it is.</param>
    public Timestamp Get(CommitFacts commit, ulong path, out bool isFinal)
    {
        if (!_known.TryGetValue(commit.Id, out Known? known))
        {
            known = Begin(commit);
        }
        isFinal = known.IsDone;
        return known.Times is { } times && times.TryGet(path, out Timestamp time) ? time : commit.Time;
    }

    public Task EndAsync() => _work.EndAsync();

    private Known Begin(CommitFacts commit)
    {
        if (_known.Count >= MaxCommits)
        {
            // What goes is loaded again when somebody looks at it.
            foreach ((Objects.ObjectId id, Known old) in _known)
            {
                if (old.IsDone)
                {
                    _known.TryRemove(id, out _);
                    break;
                }
            }
        }
        Known known = new(commit);
        Known kept = _known.GetOrAdd(commit.Id, known);
        if (kept == known)
        {
            _pending.Enqueue(known);
            _work.Wake();
        }
        return kept;
    }

    private bool Step()
    {
        if (_current is null)
        {
            if (!_pending.TryDequeue(out _current))
            {
                return false;
            }
            if (_folder?.TryLoad(_current.Commit.Id.ToHex(_repository.Format)) is { } kept)
            {
                Finish(kept);
                return true;
            }
            _walk = new LastChangeWalk(_repository, _trees, _current.Commit);
        }
        for (int i = 0; i < StepLength; i++)
        {
            if (!_walk!.Step())
            {
                Save(_walk, _current);
                return true;
            }
        }
        return true;
    }

    private void Save(LastChangeWalk walk, Known known)
    {
        string commit = known.Commit.Id.ToHex(_repository.Format);
        if (walk.IsTooMuch)
        {
            _repository.Log.Write($"commit {commit}: it has too many paths to tell when each was last changed; they have the commit's time");
            Finish(new PathTimes([]));
            return;
        }
        PathTimes times = walk.Result;
        Finish(times);
        try
        {
            if (walk.IsWhole)
            {
                _folder?.Save(commit, times);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _repository.Log.Write($"the times of last changes are not kept for the next start: {exception.Message}");
        }
    }

    private void Finish(PathTimes times)
    {
        _current!.Times = times;
        _current.IsDone = true;
        (_current, _walk) = (null, null);
    }

    private sealed class Known(CommitFacts commit)
    {
        public CommitFacts Commit => commit;

        public volatile PathTimes? Times;

        public volatile bool IsDone;
    }
}
