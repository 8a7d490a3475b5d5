using System.Diagnostics.CodeAnalysis;
using Kaleidofs.Trees;

namespace Kaleidofs.Paths;

/// <summary>
/// The inode numbers of a table of paths, which mean the same in the next process. A number is a hash of the directory's number and the name, by a
/// key of the file's own, so the number of a path needs no memory. The file notes each that a kernel was told, as a hash does not lead back to a
/// path, and those that are not their path's hash: what was renamed keeps its number, and a name that is made anew gets another while the old
/// one's is in use.
/// </summary>
/// <remarks>
/// One process has the file at a time. Notes are written before the kernel is told; they outlive the process, not the machine. Where they
/// cannot be kept, numbers of an earlier process are ESTALE, and never lead elsewhere, since their key was another.
/// </remarks>
public sealed class PathNumbers : IDisposable
{
    private readonly PathNumberFile? _file;
    private readonly ulong[] _key;

    /// <summary>Paths whose numbers are not their hash, as an earlier process left them; and those numbers.</summary>
    private readonly Dictionary<PathNumber, ulong> _given;
    private readonly HashSet<ulong> _reserved;

    private PathNumbers(PathNumberFile? file)
    {
        _file = file;
        _key = file?.Key ?? NameHash.DrawKey();
        _given = file?.Given ?? [];
        _reserved = [.. _given.Values];
    }

    /// <summary>Opens the numbers of a source, or begins with none; says in the log if they cannot be kept.</summary>
    /// <param name="path">The file; its directory is made if it is not there.</param>
    /// <param name="files">Threads that may wait for the disk.</param>
    /// <param name="log">Where to say what is wrong.</param>
    public static async Task<PathNumbers> OpenAsync(string path, FileReader files, DriverLog log)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(log);
        return new PathNumbers(await files.RunAsync(() => PathNumberFile.Open(path, files, log)).ConfigureAwait(false));
    }

    /// <summary>Numbers that nobody keeps.</summary>
    internal static PathNumbers MakeUnkept() => new(file: null);

    /// <summary>Whether an earlier process gave numbers that are not in the table.</summary>
    internal bool HasEarlier => _file is { HasEarlier: true };

    /// <summary>The number of a path that is new in the table; under the table's lock.</summary>
    internal ulong Choose(ulong parent, byte[] name, PathNodes taken)
    {
        PathNumber path = new(parent, name);
        if (_given.TryGetValue(path, out ulong given) && !taken.Contains(given))
        {
            return given;
        }
        for (uint attempt = 0; ; attempt++)
        {
            ulong number = Hash(parent, name, attempt);
            if (number > FileSystem.RootInode && !taken.Contains(number) && !_reserved.Contains(number))
            {
                if (attempt > 0)
                {
                    _file?.Add(PathNumberKind.Given, number, parent, name);
                }
                return number;
            }
        }
    }

    /// <summary>The kernel is about to be told of a node.</summary>
    internal void Note(PathNode node)
    {
        if (_file is not null && !node.IsNoted && node.Parent is { } parent)
        {
            node.IsNoted = true;
            _file.Add(IsHash(node.Inode, parent.Inode, node.NameBytes) ? PathNumberKind.Hashed : PathNumberKind.Given, node.Inode, parent.Inode, node.NameBytes);
        }
    }

    /// <summary>A path is nobody's any more, though its number may be in use.</summary>
    internal void Free(PathNode node)
    {
        if (_file is null || IsHash(node.Inode, node.Parent!.Inode, node.NameBytes))
        {
            return;
        }
        if (_given.Remove(new PathNumber(node.Parent.Inode, node.NameBytes), out ulong number))
        {
            _reserved.Remove(number);
        }
        _file.Add(PathNumberKind.Freed, node.Inode, node.Parent.Inode, node.NameBytes);
    }

    /// <summary>What is noted is in the file; to be called before the kernel is told.</summary>
    internal void Flush(IEnumerable<PathNode> nodes)
    {
        if (_file is null || !_file.Flush())
        {
            return;
        }
        // It has become too long: from now on it is what kernels know of this process.
        _file.Restart();
        foreach (PathNode node in nodes)
        {
            node.IsNoted = false;
        }
        foreach (PathNode node in nodes.Where(node => node.Lookups > 0))
        {
            for (PathNode? above = node; above is not null; above = above.Parent)
            {
                Note(above);
            }
        }
        _file.Flush();
    }

    /// <summary>What an earlier process gave a number to.</summary>
    internal Task<PathNumber?> FindAsync(ulong number) => _file?.FindAsync(number) ?? Task.FromResult<PathNumber?>(null);

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private bool IsHash(ulong number, ulong parent, byte[] name) => number == Hash(parent, name, 0);

    private ulong Hash(ulong parent, byte[] name, uint attempt) => NameHash.ComputeLong(_key, parent + (attempt * 0x9E3779B97F4A7C15), name);

    /// <summary>Compares paths by their bytes.</summary>
    internal sealed class Comparer : IEqualityComparer<PathNumber>
    {
        public static Comparer Instance { get; } = new();

        public bool Equals(PathNumber x, PathNumber y) => x.Parent == y.Parent && x.Name.AsSpan().SequenceEqual(y.Name);

        public int GetHashCode([DisallowNull] PathNumber obj) => HashCode.Combine(obj.Parent, NameComparer.Instance.GetHashCode(obj.Name));
    }
}
