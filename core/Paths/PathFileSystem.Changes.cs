namespace Kaleidofs.Paths;

public abstract partial class PathFileSystem
{
    /// <summary>Tells the table what a name leads to since this process changed it. The node stays if there is one of the same type.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name.</param>
    /// <param name="facts">What is there now.</param>
    /// <param name="isNew">Whether it is another file than the one that may have had the name.</param>
    protected PathNode Put(PathNode directory, ReadOnlySpan<byte> name, in PathFacts facts, bool isNew)
    {
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            PathDirectory known = directory.Directory ??= new PathDirectory();
            PathNode? node = known.Find(name);
            if (isNew && node is not null)
            {
                Detach(node);
                node = null;
            }
            node = Tell(directory, known, node, name, in facts);
            node.ChangedIn = ++_step;
            Enlist(known, node);
            return node;
        }
    }

    /// <summary>Tells the table that this process removed a name.</summary>
    protected void Remove(PathNode directory, ReadOnlySpan<byte> name)
    {
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            PathDirectory known = directory.Directory ??= new PathDirectory();
            if (known.Find(name) is { } node)
            {
                Detach(node);
            }
            _step++;
            known.SetAbsent(name, Now + (long)_times.Absent.TotalMilliseconds, _step, _step);
        }
    }

    /// <summary>Tells the table that this process renamed something, over what had the new name.</summary>
    protected void Move(PathNode node, PathNode directory, ReadOnlySpan<byte> name)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            PathNode old = node.Parent!;
            _step++;
            old.Directory!.Remove(node);
            _numbers.Free(node);
            old.Directory.SetAbsent(node.NameBytes, Now + (long)_times.Absent.TotalMilliseconds, _step, _step);
            PathDirectory known = directory.Directory ??= new PathDirectory();
            if (known.Find(name) is { } replaced)
            {
                Detach(replaced);
            }
            node.Parent = directory;
            node.NameBytes = name.ToArray();
            node.ChangedIn = _step;
            // Whoever renames it knows it, if only from an earlier process.
            node.Lookups = Math.Max(node.Lookups, 1);
            node.IsNoted = false;
            _numbers.Note(node);
            _numbers.Flush(_nodes.All);
            if (old != directory)
            {
                node.Listing?.Omit(node);
            }
            known.Add(node);
            Enlist(known, node);
        }
    }

    /// <summary>Tells the table new facts of a node that this process changed; its type must be the same.</summary>
    protected void Update(PathNode node, in PathFacts facts)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_lock)
        {
            node.Tell(in facts);
            node.FreshUntil = Now + (long)_times.Present.TotalMilliseconds;
            node.ChangedIn = ++_step;
        }
    }

    /// <summary>Replaces what the driver remembers of a node, and nothing that the source told.</summary>
    protected void SetState(PathNode node, object? state)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_lock)
        {
            node.State = state;
        }
    }

    /// <summary>Whether a directory has names that are known to be there now, so that it is not empty.</summary>
    protected bool HasFreshNames(PathNode directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            long now = Now;
            return directory.Directory is { } known && known.Nodes.Any(node => node.IsFresh(now));
        }
    }

    /// <summary>Tells the table that a directory was made by this process just now, and so has nothing in it that it does not know.</summary>
    protected void SetEmpty(PathNode directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            PathListing listing = new(this, directory, _step);
            listing.End(Errno.None, Now + (long)_times.Absent.TotalMilliseconds);
            (directory.Directory ??= new PathDirectory()).Listing = listing;
        }
    }

    /// <summary>The names in a directory that the table knows.</summary>
    protected IReadOnlyList<PathNode> GetKnownNames(PathNode directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            return directory.Directory is { } known ? [.. known.Nodes] : [];
        }
    }

    /// <summary>Whether a directory has names that are held (<see cref="Hold"/>), which the source may not know of.</summary>
    protected bool HasHeldNames(PathNode directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            return directory.Directory is { } known && known.Nodes.Any(node => node.Holds > 0);
        }
    }

    /// <summary>Lets the source be asked anew for a node.</summary>
    protected void Expire(PathNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_lock)
        {
            node.FreshUntil = 0;
        }
    }

    /// <summary>From now on what this process knows of a node is the truth, whatever the source says, until it is released as often.</summary>
    protected void Hold(PathNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_lock)
        {
            node.Holds++;
        }
    }

    /// <summary>Undoes one <see cref="Hold"/>.</summary>
    protected void Unhold(PathNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_lock)
        {
            node.Holds--;
            if (node.IsGone)
            {
                DropIfIdle(node, long.MaxValue);
            }
        }
    }

    /// <summary>The entry that answers whatever made or found a node; it counts as a lookup.</summary>
    protected Entry GetEntry(PathNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_lock)
        {
            return Describe(node, Now, countsLookup: true);
        }
    }

    /// <summary>A node's attributes as the table has them.</summary>
    protected CachedAttributes GetCachedAttributes(PathNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_lock)
        {
            return DescribeAttributes(node, Now);
        }
    }

    /// <summary>Adds a node that was made here to the listing that is believed, or being read.</summary>
    private static void Enlist(PathDirectory known, PathNode node)
    {
        if (known.Listing is { } listing && node.Listing != listing)
        {
            listing.Append(node);
        }
    }
}
