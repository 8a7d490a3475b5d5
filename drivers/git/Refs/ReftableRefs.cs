using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Refs.Reftables;

namespace Kaleidofs.Drivers.Git.Refs;

/// <summary>Refs in reftables (<c>extensions.refStorage = reftable</c>).</summary>
/// <param name="directory">The repository's directory, or that of a worktree of it, with tables of its own.</param>
/// <param name="common">The repository's directory.</param>
/// <param name="format">How objects are named.</param>
/// <param name="log">For what is damaged.</param>
internal sealed class ReftableRefs(string directory, string common, ObjectFormat format, DamageLog log) : RefStore
{
    private const string Folder = "reftable";

    private readonly ReftableStack _common = new(Path.Combine(common, Folder), format);
    private readonly ReftableStack? _worktree = directory == common ? null : new(Path.Combine(directory, Folder), format);

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> List(string prefix)
    {
        try
        {
            SortedSet<string> names = _common.List(prefix);
            names.RemoveWhere(name => !RefNames.IsValid(name));
            return names;
        }
        catch (DamageException exception)
        {
            log.Write($"refs cannot be read: {exception.Message}");
            return [];
        }
    }

    /// <inheritdoc/>
    protected override Result<RefValue> Read(string name)
    {
        try
        {
            return (RefNames.IsOfWorktree(name) ? _worktree ?? _common : _common).Read(name);
        }
        catch (DamageException exception)
        {
            log.Write($"refs cannot be read: {exception.Message}");
            return Errno.EIO;
        }
    }
}
