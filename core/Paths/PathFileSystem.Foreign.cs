namespace Kaleidofs.Paths;

/// <summary>What others change, where the source says so.</summary>
public abstract partial class PathFileSystem
{
    private long _kernelTime = uint.MaxValue - 1;

    /// <summary>
    /// At most how long the kernel is told to believe anything. A source that says what others change is believed longer by the table, which
    /// hears of it, than by the kernel, which does not.
    /// </summary>
    protected TimeSpan KernelTime
    {
        get => TimeSpan.FromMilliseconds(Volatile.Read(ref _kernelTime));
        set => Volatile.Write(ref _kernelTime, (long)Math.Clamp(value.TotalMilliseconds, 0, uint.MaxValue - 1));
    }

    /// <summary>The node that a name is known to lead to, fresh or not; null if none is known.</summary>
    protected PathNode? FindKnown(PathNode directory, ReadOnlySpan<byte> name)
    {
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            return directory.Directory?.Find(name);
        }
    }

    /// <summary>Others may have changed what a name leads to, or made or removed it: it is asked for anew, and answers on their way are not remembered.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name.</param>
    /// <param name="isOther">Whether it may be there no more, or anew, so that the directory and all that is below the name has to be asked for anew, too.</param>
    protected void Doubt(PathNode directory, ReadOnlySpan<byte> name, bool isOther)
    {
        ArgumentNullException.ThrowIfNull(directory);
        lock (_lock)
        {
            PathDirectory known = directory.Directory ??= new PathDirectory();
            known.DoubtedIn = ++_step;
            PathNode? node = known.Find(name);
            if (node is not null)
            {
                node.FreshUntil = 0;
            }
            if (!isOther)
            {
                return;
            }
            directory.FreshUntil = 0;
            known.DoubtAbsence(name);
            known.Listing?.Doubt();
            if (node?.Directory is not null)
            {
                DoubtBelow(node);
            }
        }
    }

    /// <summary>Others may have changed anything.</summary>
    protected void DoubtAll()
    {
        lock (_lock)
        {
            _step++;
            DoubtBelow(Root);
        }
    }

    private void DoubtBelow(PathNode top)
    {
        Stack<PathNode> left = new([top]);
        while (left.TryPop(out PathNode? directory))
        {
            if (directory.Directory is not { } known)
            {
                continue;
            }
            known.DoubtedIn = _step;
            known.DoubtAbsences();
            known.Listing?.Doubt();
            foreach (PathNode node in known.Nodes)
            {
                node.FreshUntil = 0;
                if (node.Directory is not null)
                {
                    left.Push(node);
                }
            }
        }
    }
}
