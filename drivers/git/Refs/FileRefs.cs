using System.Text;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Refs;

/// <summary>Refs in files of their own and in packed-refs.</summary>
/// <param name="directory">The repository's directory, or that of a worktree of it: its HEAD is there.</param>
/// <param name="common">The repository's directory, where all other refs are.</param>
/// <param name="format">How objects are named.</param>
internal sealed class FileRefs(string directory, string common, ObjectFormat format) : RefStore
{
    private const int MaxFile = 4096;
    private const int MaxPacked = 1 << 30;

    /// <summary>A file that changed so lately may change again within the same tick of its clock.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    private static readonly EnumerationOptions AllBelow = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };

    private readonly Lock _lock = new();
    private PackedRefs _packed = PackedRefs.None;
    private (DateTime Changed, long Length) _packedStamp;
    private DateTime _packedRead;

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> List(string prefix)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        try
        {
            string root = Path.Combine(common, prefix);
            foreach (string file in Directory.EnumerateFiles(root, "*", AllBelow))
            {
                string name = prefix + Path.GetRelativePath(root, file);
                if (RefNames.IsValid(name))
                {
                    names.Add(name);
                }
            }
        }
        catch (IOException)
        {
            // No such directory: all are packed.
        }
        names.UnionWith(ReadPacked().List(prefix).Where(RefNames.IsValid));
        return names;
    }

    /// <inheritdoc/>
    protected override Result<RefValue> Read(string name)
    {
        // The file first: git writes packed-refs before it removes the files.
        if (ReadFile(name) is not { } text)
        {
            return ReadPacked().TryGet(name, out ObjectId packed, out ObjectId peeled) ? new RefValue(packed, peeled) : Errno.ENOENT;
        }
        return text.StartsWith("ref:", StringComparison.Ordinal) ? new RefValue(default, Target: text[4..].Trim())
            : ObjectId.TryParse(Encoding.UTF8.GetBytes(text), format, out ObjectId id) ? new RefValue(id) : Errno.ENOENT;
    }

    private string? ReadFile(string name)
    {
        string path = Path.Combine(RefNames.IsOfWorktree(name) ? directory : common, name);
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Span<byte> bytes = stackalloc byte[MaxFile];
            return Encoding.UTF8.GetString(bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)]).TrimEnd();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private PackedRefs ReadPacked()
    {
        lock (_lock)
        {
            FileInfo file = new(Path.Combine(common, "packed-refs"));
            if (!file.Exists || file.Length > MaxPacked)
            {
                return PackedRefs.None;
            }
            (DateTime, long) stamp = (file.LastWriteTimeUtc, file.Length);
            if (stamp == _packedStamp && _packedRead - file.LastWriteTimeUtc > Tick)
            {
                return _packed;
            }
            try
            {
                _packedRead = DateTime.UtcNow;
                _packed = PackedRefs.Parse(File.ReadAllBytes(file.FullName), format);
                _packedStamp = stamp;
                return _packed;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return PackedRefs.None;
            }
        }
    }
}
