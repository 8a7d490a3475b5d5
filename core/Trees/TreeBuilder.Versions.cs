using System.Globalization;
using System.Text;

namespace Kaleidofs.Trees;

/// <content>What lost its name to a later entry, under a name of its own.</content>
public sealed partial class TreeBuilder
{
    // In the order in which they lost it.
    private readonly List<(int Entry, int Node, int Parent, uint Name)> _replaced = [];

    /// <summary>The directory of the root that has what was replaced.</summary>
    public static ReadOnlySpan<byte> VersionsName => ".versions"u8;

    /// <summary>Whether entries that lost their name to a later one are shown: <c>.versions/PATH/1</c> is what PATH was first.</summary>
    public bool ShowsVersions { get; init; }

    private void KeepVersion(int entry, int node)
    {
        if (ShowsVersions)
        {
            _replaced.Add((entry, node, _columns.Parent[entry], _columns.Name[entry]));
        }
    }

    /// <summary>Forgets what was replaced by a directory that is withdrawn, and by what is in it.</summary>
    private void ForgetVersions(int directory, int file)
    {
        while (_replaced.Count > 0 && _replaced[^1] is var last && (last.Entry == file || last.Entry > directory))
        {
            _replaced.RemoveAt(_replaced.Count - 1);
        }
    }

    /// <summary>Gives them their places.</summary>
    /// <exception cref="SourceException">There is a file where their directory should be.</exception>
    private void PlaceVersions()
    {
        if (_replaced.Count == 0)
        {
            return;
        }
        int root = _names.Find(0, VersionsName);
        if (root != 0 && !_columns.IsDirectory(root))
        {
            throw new SourceException($"it has a file '{Encoding.ASCII.GetString(VersionsName)}', where earlier versions would be; open it without 'versions'") { IsUsageError = true };
        }
        Dictionary<int, int> counts = [];
        // What is placed may replace again: that has no version of its own.
        (int Entry, int Node, int Parent, uint Name)[] replaced = [.. _replaced];
        foreach ((int entry, int node, int parent, uint name) in replaced)
        {
            byte[] path = [.. VersionsName, .. GetPath(parent), (byte)'/', .. _columns.Heap.GetName(name)];
            if (FindDirectory(path, out int directory) != PathRefusal.None)
            {
                continue;
            }
            int number = counts[directory] = counts.GetValueOrDefault(directory) + 1;
            _columns.Parent[entry] = directory;
            _columns.Name[entry] = _columns.Heap.AddName(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
            if (node != entry)
            {
                _columns.HardLinks[entry] = node;
            }
            _columns.LinkCounts[node] = _columns.LinkCounts.GetValueOrDefault(node, 1) + 1;
            _names.Set(entry);
        }
    }

    /// <summary>A directory's path, each name behind a slash.</summary>
    private byte[] GetPath(int directory)
    {
        List<byte> path = [];
        for (int node = directory; node > 0; node = _columns.Parent[node])
        {
            path.InsertRange(0, [(byte)'/', .. _columns.Heap.GetName(_columns.Name[node])]);
        }
        return [.. path];
    }
}
