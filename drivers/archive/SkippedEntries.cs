using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive;

/// <summary>Counts the entries that an archive names but the tree does not take, and tells of each kind in one line.</summary>
internal sealed class SkippedEntries
{
    private static readonly string[] Reasons = new string[Enum.GetValues<PathRefusal>().Length];

    private readonly long[] _counts = new long[Reasons.Length];
    private readonly string[] _examples = new string[Reasons.Length];
    private long _stripped;
    private string _firstStripped = "";

    static SkippedEntries()
    {
        Reasons[(int)PathRefusal.ParentReference] = "'..' in their path";
        Reasons[(int)PathRefusal.ContainsNul] = "a NUL byte in their path";
        Reasons[(int)PathRefusal.NameTooLong] = $"names over {FileSystem.MaxNameLength} bytes";
        Reasons[(int)PathRefusal.TooDeep] = $"paths over {TreeBuilder.MaxDepth} directories deep";
        Reasons[(int)PathRefusal.TooManyDirectories] = "too many directories that no entry names";
        Reasons[(int)PathRefusal.IsDirectory] = "the name of a directory, though they are none";
        Reasons[(int)PathRefusal.NoLinkTarget] = "hard links that lead nowhere";
    }

    /// <summary>Counts an entry, if it was refused.</summary>
    public void Count(PathRefusal refusal, ReadOnlySpan<byte> path)
    {
        if (refusal != PathRefusal.None && _counts[(int)refusal]++ == 0)
        {
            _examples[(int)refusal] = DamageLog.ToText(path[..Math.Min(path.Length, 100)]);
        }
    }

    /// <summary>Counts an entry that an option leaves out; one that is not beneath the chosen directory is no news.</summary>
    public void CountStripped(bool isStripped, ReadOnlySpan<byte> path)
    {
        if (isStripped && _stripped++ == 0)
        {
            _firstStripped = DamageLog.ToText(path[..Math.Min(path.Length, 100)]);
        }
    }

    /// <summary>Counts hard links that led nowhere.</summary>
    public void CountDanglingLinks(int count) => _counts[(int)PathRefusal.NoLinkTarget] += count;

    /// <summary>Tells.</summary>
    public void Report(string archive, DriverLog log)
    {
        for (int i = 1; i < Reasons.Length; i++)
        {
            if (_counts[i] > 0)
            {
                string example = _examples[i] is null ? "" : $" (the first is '{_examples[i]}')";
                log.Warning($"{archive}: {_counts[i]} entries are not shown: {Reasons[i]}{example}");
            }
        }
        if (_stripped > 0)
        {
            log.Warning($"{archive}: {_stripped} entries are not shown: nothing is left of their path (the first is '{_firstStripped}')");
        }
    }
}
