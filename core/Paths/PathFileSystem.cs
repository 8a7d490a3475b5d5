namespace Kaleidofs.Paths;

/// <summary>
/// The base of filesystems over a source that is remote, may be changed by others, and knows paths rather than inode numbers. It gives each
/// path an inode number, believes what the source told for a time, absent names too, and asks for one thing once however many wait for it.
/// </summary>
/// <remarks>
/// A driver says how to find one name and how to read a directory; it reads and writes content itself, and tells the table what it changed
/// (<see cref="Put"/>, <see cref="Remove"/>, <see cref="Move"/>). Changes are numbered: an answer that was asked for before one does not undo it.
/// What the kernel has forgotten and nobody holds is dropped once its time is over, so the table stays as long as what is in use.
/// </remarks>
public abstract partial class PathFileSystem : FileSystem
{
    /// <summary>So many nodes are kept without looking whether some can go.</summary>
    private const int MinSweep = 1 << 16;

    /// <summary>Directories within each other (PATH_MAX).</summary>
    private const int MaxDepth = 2048;

    private readonly Lock _lock = new();
    private readonly PathNodes _nodes = new();
    private readonly Dictionary<Question, Task<Result<PathNode>>> _asked = [];
    private readonly Dictionary<ulong, PathListing?> _opened = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly PathTimes _times;
    private readonly TimeProvider _clock;
    private readonly PathNumbers _numbers;
    private ulong _lastHandle;
    private long _step = 1;
    private int _sweepAt = MinSweep;

    /// <summary>A table with nothing but a root, whose inode numbers end with the process.</summary>
    /// <param name="root">What is known of the root, which is always there.</param>
    /// <param name="times">How long the source is believed.</param>
    /// <param name="clock">Tells the time.</param>
    protected PathFileSystem(in PathFacts root, PathTimes times, TimeProvider? clock = null)
        : this(in root, times, numbers: null, clock)
    {
    }

    /// <summary>A table with nothing but a root.</summary>
    /// <param name="root">What is known of the root, which is always there.</param>
    /// <param name="times">How long the source is believed.</param>
    /// <param name="numbers">Keeps inode numbers for the next process, and ends with the filesystem; nobody does if there are none.</param>
    /// <param name="clock">Tells the time.</param>
    protected PathFileSystem(in PathFacts root, PathTimes times, PathNumbers? numbers, TimeProvider? clock = null)
    {
        _times = times;
        _numbers = numbers ?? PathNumbers.MakeUnkept();
        _clock = clock ?? TimeProvider.System;
        Ending = _ending.Token;
        Root = new PathNode(RootInode, null, []);
        Root.Tell(in root);
        Root.Lookups = 1;
        Root.Holds = 1;
        _nodes.Add(Root);
    }

    /// <summary>The root.</summary>
    protected PathNode Root { get; }

    /// <summary>Cancelled when the filesystem is disposed.</summary>
    protected CancellationToken Ending { get; }

    /// <summary>How many paths the table has.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _nodes.Count;
            }
        }
    }

    private long Now => _clock.GetTimestamp() / (_clock.TimestampFrequency / 1000);

    /// <summary>Asks the source for one name.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name; it stays valid.</param>
    /// <param name="cancellationToken">Cancelled when the filesystem ends, not when one of those who wait goes.</param>
    /// <returns>What is there; ENOENT if nothing is, which may be remembered.</returns>
    protected abstract ValueTask<Result<PathFacts>> FindAsync(PathNode directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken);

    /// <summary>Asks the source for all names in a directory, and adds each to <paramref name="listing"/>.</summary>
    /// <returns>Success if these were all: what is not among them is then absent.</returns>
    protected abstract ValueTask<Errno> ReadDirectoryAsync(PathNode directory, PathListing listing, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        PathNode? directory;
        lock (_lock)
        {
            if (!_nodes.TryGet(parent, out directory))
            {
                return LookupEarlierAsync(context, parent, name);
            }
            if (!directory.IsDirectory)
            {
                return new(Errno.ENOTDIR);
            }
            long now = Now;
            if (directory.Directory is { } known)
            {
                if (known.Find(name.Span) is { } node && node.IsFresh(now))
                {
                    return new(Describe(node, now, countsLookup: true));
                }
                if (FindAbsence(known, name.Span, now) is var until and > 0)
                {
                    return new(new Entry { NameTime = Until(until, now) });
                }
            }
        }
        return LookupSlowAsync(context, directory, name.ToArray());
    }

    /// <inheritdoc/>
    public override void Forget(ulong inode, ulong count)
    {
        lock (_lock)
        {
            if (_nodes.TryGet(inode, out PathNode? node) && node != Root)
            {
                node.Lookups -= Math.Min(count, node.Lookups);
                if (node.IsGone)
                {
                    DropIfIdle(node, long.MaxValue);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
    {
        PathNode? node;
        lock (_lock)
        {
            if (!_nodes.TryGet(inode, out node))
            {
                return GetEarlierAttributesAsync(context, inode, handle);
            }
            long now = Now;
            if (node.IsFresh(now) || node.IsGone)
            {
                // What is gone is as it was, for those who have it open.
                return node.IsGone && node.Holds == 0 && handle is null ? new(Errno.ESTALE) : new(DescribeAttributes(node, now));
            }
        }
        return GetAttributesSlowAsync(context, node);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode)
    {
        lock (_lock)
        {
            return _nodes.TryGet(inode, out PathNode? node) ? new((node.Parent ?? node).Inode) : RestoreAsync(context, inode, found => new ValueTask<Result<ulong>>((found.Parent ?? found).Inode));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
        lock (_lock)
        {
            _numbers.Dispose();
        }
    }

    /// <summary>The node of an inode number, which an earlier process may have given: then its path is asked for. ESTALE if it leads nowhere any more.</summary>
    protected ValueTask<Result<PathNode>> GetNodeAsync(RequestContext context, ulong inode)
    {
        lock (_lock)
        {
            if (_nodes.TryGet(inode, out PathNode? node))
            {
                return new(node);
            }
        }
        return RestoreAsync(context, inode, node => new ValueTask<Result<PathNode>>(node));
    }

    /// <summary>The node of an inode number that this process has given, or found again.</summary>
    protected bool TryGetNode(ulong inode, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out PathNode node)
    {
        lock (_lock)
        {
            return _nodes.TryGet(inode, out node);
        }
    }

    /// <summary>What a name leads to, as fresh as the times allow: from the table, or from the source.</summary>
    protected ValueTask<Result<PathNode>> ResolveAsync(RequestContext context, PathNode directory, ReadOnlyMemory<byte> name)
    {
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            long now = Now;
            if (directory.Directory is { } known)
            {
                if (known.Find(name.Span) is { } node && node.IsFresh(now))
                {
                    return new(node);
                }
                if (FindAbsence(known, name.Span, now) > 0)
                {
                    return new(Errno.ENOENT);
                }
            }
        }
        return AskAsync(context, directory, name.ToArray());
    }

    /// <summary>A node as fresh as the times allow; ESTALE if its name now leads elsewhere or nowhere.</summary>
    protected async ValueTask<Result<PathNode>> RefreshAsync(RequestContext context, PathNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_lock)
        {
            if (node.IsGone)
            {
                return Errno.ESTALE;
            }
            if (node.IsFresh(Now))
            {
                return node;
            }
        }
        Result<PathNode> found = await AskAsync(context, node.Parent!, node.NameBytes).ConfigureAwait(false);
        return found.Errno == Errno.ENOENT || (found.IsOk && found.Value != node) ? Errno.ESTALE : found;
    }

    // Apart, as what a lambda captures is allocated where the method begins.
    private ValueTask<Result<Entry>> LookupEarlierAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
        => RestoreAsync(context, parent, _ => LookupAsync(context, parent, name));

    private ValueTask<Result<CachedAttributes>> GetEarlierAttributesAsync(RequestContext context, ulong inode, ulong? handle)
        => RestoreAsync(context, inode, _ => GetAttributesAsync(context, inode, handle));

    /// <summary>Goes on with the node of a number that an earlier process gave.</summary>
    private ValueTask<Result<T>> RestoreAsync<T>(RequestContext context, ulong inode, Func<PathNode, ValueTask<Result<T>>> goOn)
    {
        return _numbers.HasEarlier ? FindThenAsync() : new(Errno.ESTALE);

        async ValueTask<Result<T>> FindThenAsync()
        {
            Result<PathNode> node = await RestoreAsync(context, inode, depth: 0).ConfigureAwait(false);
            return node.IsOk ? await goOn(node.Value).ConfigureAwait(false) : node.Errno;
        }
    }

    private async ValueTask<Result<PathNode>> RestoreAsync(RequestContext context, ulong inode, int depth)
    {
        PathNode? node;
        lock (_lock)
        {
            if (_nodes.TryGet(inode, out node))
            {
                return node;
            }
        }
        if (depth == MaxDepth || await _numbers.FindAsync(inode).ConfigureAwait(false) is not { } path)
        {
            return Errno.ESTALE;
        }
        Result<PathNode> directory = await RestoreAsync(context, path.Parent, depth + 1).ConfigureAwait(false);
        if (!directory.IsOk)
        {
            return directory.Errno;
        }
        Result<PathNode> found = await ResolveAsync(context, directory.Value, path.Name).ConfigureAwait(false);
        lock (_lock)
        {
            // What has the path now may be another file.
            if (!found.IsOk || !_nodes.TryGet(inode, out node))
            {
                return found.IsOk || found.Errno == Errno.ENOENT ? Errno.ESTALE : found.Errno;
            }
            // The kernel that uses it has references, whose number is not known.
            node.Lookups = Math.Max(node.Lookups, 1);
            return node;
        }
    }

    private async ValueTask<Result<Entry>> LookupSlowAsync(RequestContext context, PathNode directory, byte[] name)
    {
        Result<PathNode> found = await AskAsync(context, directory, name).ConfigureAwait(false);
        lock (_lock)
        {
            long now = Now;
            if (found.IsOk)
            {
                return Describe(found.Value, now, countsLookup: true);
            }
            return found.Errno == Errno.ENOENT && directory.Directory is { } known && FindAbsence(known, name, now) is var until and > 0
                ? new Entry { NameTime = Until(until, now) }
                : found.Errno;
        }
    }

    private async ValueTask<Result<CachedAttributes>> GetAttributesSlowAsync(RequestContext context, PathNode node)
    {
        Result<PathNode> found = await RefreshAsync(context, node).ConfigureAwait(false);
        if (!found.IsOk)
        {
            return found.Errno;
        }
        lock (_lock)
        {
            return DescribeAttributes(node, Now);
        }
    }

    /// <summary>Asks the source for a name, together with all others who want to know it now.</summary>
    private async ValueTask<Result<PathNode>> AskAsync(RequestContext context, PathNode directory, byte[] name)
    {
        Task<Result<PathNode>>? answer;
        lock (_lock)
        {
            for (PathNode? above = directory; above is not null; above = above.Parent)
            {
                if (above.IsGone)
                {
                    // Its path may be another's by now.
                    return Errno.ENOENT;
                }
            }
            Question question = new(directory, name);
            if (!_asked.TryGetValue(question, out answer))
            {
                answer = AnswerAsync(question, _step);
                _asked.Add(question, answer);
            }
        }
        return await answer.WaitAsync(context.CancellationToken).ConfigureAwait(false);
    }

    private async Task<Result<PathNode>> AnswerAsync(Question question, long step)
    {
        // Not under the lock that the caller has.
        await Task.Yield();
        try
        {
            while (true)
            {
                Result<PathFacts> facts = await FindAsync(question.Directory, question.Name, Ending).ConfigureAwait(false);
                lock (_lock)
                {
                    if (TryApply(question, in facts, step, out Result<PathNode> answer))
                    {
                        return answer;
                    }
                    step = _step;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _asked.Remove(question);
            }
        }
    }

    /// <summary>Takes over what the source said, unless this process has changed that name since it was asked.</summary>
    private bool TryApply(Question question, in Result<PathFacts> facts, long askedIn, out Result<PathNode> answer)
    {
        answer = facts.Errno;
        if (facts.Errno is not (Errno.None or Errno.ENOENT))
        {
            return true;
        }
        PathDirectory known = question.Directory.Directory ??= new PathDirectory();
        PathNode? node = known.Find(question.Name);
        if (node is not null && (node.Holds > 0 || node.ChangedIn > askedIn))
        {
            answer = node;
            return true;
        }
        if (node is null && known.Outdates(question.Name, askedIn))
        {
            // Removed here meanwhile: that is the newer truth, or the absence was forgotten, and it must be asked again.
            answer = Errno.ENOENT;
            return FindAbsence(known, question.Name, Now) > 0;
        }
        bool isDoubted = askedIn < known.DoubtedIn;
        if (facts.IsOk)
        {
            node = Tell(question.Directory, known, node, question.Name, in facts.Value);
            if (isDoubted)
            {
                node.FreshUntil = 0;
            }
            answer = node;
        }
        else
        {
            if (node is not null)
            {
                Detach(node);
            }
            known.SetAbsent(question.Name, isDoubted ? 0 : Now + (long)_times.Absent.TotalMilliseconds, 0, _step);
        }
        return true;
    }

    /// <summary>The node of a name that is there.</summary>
    private PathNode Tell(PathNode directory, PathDirectory known, PathNode? node, ReadOnlySpan<byte> name, in PathFacts facts)
    {
        if (node is not null && ((node.Mode ^ facts.Attributes.Mode) & FileType.Mask) != 0)
        {
            Detach(node);
            node = null;
        }
        if (node is null)
        {
            byte[] own = name.ToArray();
            node = new PathNode(_numbers.Choose(directory.Inode, own, _nodes), directory, own);
            _nodes.Add(node);
            node.Tell(in facts);
            known.Add(node);
            SweepIfLong(node);
        }
        else
        {
            node.Tell(Merge(node, in facts));
        }
        node.FreshUntil = Now + (long)_times.Present.TotalMilliseconds;
        return node;
    }

    /// <summary>Takes a node's name away.</summary>
    private void Detach(PathNode node)
    {
        node.Parent!.Directory?.Remove(node);
        node.IsGone = true;
        _numbers.Free(node);
        DropIfIdle(node, long.MaxValue);
    }

    private static long FindAbsence(PathDirectory known, ReadOnlySpan<byte> name, long now)
    {
        long until = known.FindAbsence(name);
        if (until > now)
        {
            return until;
        }
        return known.IsWhole(now) && known.Find(name) is null ? known.Listing!.FreshUntil : 0;
    }

    private CacheTime Until(long time, long now) => new((uint)Math.Clamp(time - now, 0, Volatile.Read(ref _kernelTime)));

    private Entry Describe(PathNode node, long now, bool countsLookup)
    {
        if (countsLookup)
        {
            node.Lookups++;
            _numbers.Note(node);
            _numbers.Flush(_nodes.All);
        }
        CacheTime time = GetTime(node, now);
        return new Entry { Attributes = node.Attributes, NameTime = time, AttributeTime = time };
    }

    private CachedAttributes DescribeAttributes(PathNode node, long now)
    {
        Attributes attributes = node.Attributes;
        if (node.IsGone)
        {
            attributes.LinkCount = 0;
        }
        return new CachedAttributes(attributes, node.IsGone ? CacheTime.None : GetTime(node, now));
    }

    private CacheTime GetTime(PathNode node, long now)
        => node == Root ? Until((long)_times.Present.TotalMilliseconds, 0)
            : node.Holds > 0 ? CacheTime.None
            : Until(node.FreshUntil, now);

    /// <param name="made">The node that is being made: nobody has been told of it yet, and it is not yet fresh.</param>
    private void SweepIfLong(PathNode made)
    {
        if (_nodes.Count < _sweepAt)
        {
            return;
        }
        long now = Now;
        foreach (PathNode node in _nodes.All.Where(node => node != made).ToArray())
        {
            DropIfIdle(node, now);
        }
        _sweepAt = Math.Max(MinSweep, _nodes.Count * 2);
    }

    /// <summary>Forgets a node that neither the kernel nor a handle knows, and that holds nothing; its parents, too, if they are then alike.</summary>
    private void DropIfIdle(PathNode? node, long now)
    {
        for (; node is not null && node != Root && node.Lookups == 0 && !node.IsFresh(now); node = node.Parent)
        {
            if (now != long.MaxValue && node.Listing is { } listing && (listing.Readers > 0 || !listing.IsDone))
            {
                // Whoever lists by it has still to be told of this one.
                return;
            }
            if (node.Directory is { } known && (!known.IsEmpty || known.Listing is { IsDone: false }))
            {
                return;
            }
            if (!_nodes.Remove(node.Inode))
            {
                return;
            }
            node.Parent!.Directory?.Remove(node);
            if (node.Parent.Directory?.Listing == node.Listing && node.Parent.Directory is { } parent && !node.IsGone)
            {
                // Its listing would no longer be whole.
                parent.Listing = null;
            }
            node.IsGone = true;
            if (now == long.MaxValue)
            {
                return;
            }
        }
    }

    /// <summary>A name that somebody wants to know.</summary>
    private readonly struct Question(PathNode directory, byte[] name) : IEquatable<Question>
    {
        public PathNode Directory { get; } = directory;

        public byte[] Name { get; } = name;

        public bool Equals(Question other) => Directory == other.Directory && Name.AsSpan().SequenceEqual(other.Name);

        public override bool Equals(object? obj) => obj is Question other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(Directory.Inode, NameComparer.Instance.GetHashCode(Name));
    }
}
