using System.Text;

namespace Kaleidofs.Drivers.Archive.Writing;

/// <summary>Paths whose entries an archive is not to keep, looked up by how archives write them: with dots, doubled slashes and slashes at the ends.</summary>
internal sealed class RemovedPaths
{
    // Bytes as characters, one each: strings have the lookups.
    private readonly HashSet<string> _removed;
    private readonly HashSet<string> _replaced;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _removedParts;

    public RemovedPaths(ChangeSet changes)
    {
        _removed = [.. changes.Removed.Select(path => Encoding.Latin1.GetString(path.Span))];
        _replaced = [.. changes.Entries.Select(entry => Encoding.Latin1.GetString(entry.Path.Span))];
        _removedParts = _removed.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Whether a path is removed, or in a directory that is.</summary>
    public bool IsRemoved(ReadOnlySpan<byte> path) => IsRemoved(Normalize(path));

    /// <summary>Whether a path is removed, or has a new entry.</summary>
    public bool IsRemovedOrReplaced(ReadOnlySpan<byte> path)
    {
        string normalized = Normalize(path);
        return _replaced.Contains(normalized) || IsRemoved(normalized);
    }

    private bool IsRemoved(string path)
    {
        if (_removed.Count == 0)
        {
            return false;
        }
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (_removedParts.Contains(path.AsSpan(0, slash)))
            {
                return true;
            }
        }
        return _removed.Contains(path);
    }

    private static string Normalize(ReadOnlySpan<byte> path)
        => string.Join('/', Encoding.Latin1.GetString(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."));
}
