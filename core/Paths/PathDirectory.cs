namespace Kaleidofs.Paths;

/// <summary>What is known of the names in a directory. Used under the table's lock.</summary>
internal sealed class PathDirectory
{
    /// <summary>Names that were not found and are remembered so: no more, however many a guest asks for.</summary>
    private const int MaxAbsent = 4096;

    private readonly HashSet<PathNode> _present = new(PathNameComparer.Instance);
    private readonly Dictionary<byte[], Absence> _absent = new(NameComparer.Instance);

    /// <summary>The last listing, or the one that is being read.</summary>
    public PathListing? Listing { get; set; }

    /// <summary>Answers that were asked for in an earlier step of the table say nothing about absent names.</summary>
    public long ForgotAbsencesIn { get; private set; }

    /// <summary>Answers that were asked for in an earlier step of the table may be out of date: others have changed something since.</summary>
    public long DoubtedIn { get; set; }

    public IReadOnlyCollection<PathNode> Nodes => _present;

    public bool IsEmpty => _present.Count == 0;

    /// <summary>Whether what the directory has is known, so that any other name is absent.</summary>
    public bool IsWhole(long now) => Listing is { IsDone: true, Errno: Errno.None } listing && listing.FreshUntil > now;

    public PathNode? Find(ReadOnlySpan<byte> name)
        => _present.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out PathNode? node) ? node : null;

    /// <summary>When a name that is known to be absent may be there again; 0 if that is not known.</summary>
    public long FindAbsence(ReadOnlySpan<byte> name)
        => _absent.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out Absence absence) ? absence.Until : 0;

    /// <summary>Whether an answer that was asked for in a step says something about a name that is absent here.</summary>
    public bool Outdates(ReadOnlySpan<byte> name, long askedIn)
        => askedIn < ForgotAbsencesIn || (_absent.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out Absence absence) && absence.ChangedIn > askedIn);

    public void Add(PathNode node)
    {
        if (!_present.Add(node))
        {
            // Another has the name no more.
            _present.Remove(node);
            _present.Add(node);
        }
        _absent.Remove(node.NameBytes);
    }

    public void Remove(PathNode node)
    {
        if (_present.TryGetValue(node, out PathNode? found) && found == node)
        {
            _present.Remove(node);
        }
    }

    /// <summary>A name may be there again. That this process removed it is not forgotten: older answers say nothing of it.</summary>
    public void DoubtAbsence(ReadOnlySpan<byte> name)
    {
        Dictionary<byte[], Absence>.AlternateLookup<ReadOnlySpan<byte>> names = _absent.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (names.TryGetValue(name, out Absence absence))
        {
            names[name] = absence with { Until = 0 };
        }
    }

    /// <summary>The same for all names.</summary>
    public void DoubtAbsences()
    {
        foreach ((byte[] name, Absence absence) in _absent)
        {
            // Values may be set while they are enumerated.
            _absent[name] = absence with { Until = 0 };
        }
    }

    /// <param name="name">The name.</param>
    /// <param name="until">How long that holds.</param>
    /// <param name="changedIn">The step in which this process removed it; 0 if the source said so.</param>
    /// <param name="step">The table's step now.</param>
    public void SetAbsent(ReadOnlySpan<byte> name, long until, long changedIn, long step)
    {
        if (_absent.Count >= MaxAbsent)
        {
            _absent.Clear();
            ForgotAbsencesIn = step;
        }
        _absent.GetAlternateLookup<ReadOnlySpan<byte>>()[name] = new Absence(until, changedIn);
    }

    private readonly record struct Absence(long Until, long ChangedIn);
}
