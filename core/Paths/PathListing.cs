namespace Kaleidofs.Paths;

/// <summary>
/// One reading of a directory, from beginning to end: entries can be had while the rest is still on its way. Positions in it stay what they
/// are, so whoever lists by it sees every name that was there throughout exactly once.
/// </summary>
public sealed class PathListing
{
    private readonly PathFileSystem _table;
    private readonly List<PathNode?> _entries = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal PathListing(PathFileSystem table, PathNode directory, long step)
    {
        _table = table;
        Directory = directory;
        BeganIn = step;
    }

    /// <summary>The directory.</summary>
    public PathNode Directory { get; }

    /// <summary>The table's step in which it began: later changes of this process are not in it.</summary>
    internal long BeganIn { get; }

    /// <summary>How many handles list by it.</summary>
    internal int Readers { get; set; }

    internal bool IsDone { get; private set; }

    internal Errno Errno { get; private set; }

    internal long FreshUntil { get; private set; }

    internal int Count => _entries.Count;

    /// <summary>Completes when there are more entries than there were, or the end is reached.</summary>
    internal Task More => _more.Task;

    internal PathNode? this[int index] => _entries[index];

    /// <summary>Tells of one name. Call <see cref="Publish"/> now and then, so that who waits gets it.</summary>
    public void Add(ReadOnlySpan<byte> name, in PathFacts facts) => _table.AddListed(this, name, in facts);

    /// <summary>Lets those who wait have what was added.</summary>
    public void Publish() => _table.PublishListed(this);

    internal void Append(PathNode node)
    {
        node.Listing = this;
        node.ListedAt = _entries.Count;
        _entries.Add(node);
    }

    /// <summary>Takes a node out that goes to another directory: were it to come back, it would be here twice.</summary>
    internal void Omit(PathNode node)
    {
        node.Listing = null;
        _entries[node.ListedAt] = null;
    }

    /// <summary>Others have changed names: whoever lists by it may go on, and who begins asks anew.</summary>
    internal void Doubt() => FreshUntil = 0;

    internal TaskCompletionSource TakeSignal()
    {
        TaskCompletionSource signal = _more;
        if (!IsDone)
        {
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        return signal;
    }

    internal void End(Errno errno, long freshUntil)
    {
        IsDone = true;
        Errno = errno;
        FreshUntil = freshUntil;
    }
}
