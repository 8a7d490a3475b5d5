using Kaleidofs.Drivers.Git.Nodes;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Times;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Submodules;

/// <summary>Finds the repositories of submodules that git has cloned, below <c>modules/</c> in their superproject's. Its calls may wait for a disk.</summary>
/// <param name="superproject">The repository that they are submodules of.</param>
/// <param name="open">Opens one.</param>
internal sealed class SubmoduleFinder(ServedRepository superproject, Func<string, ServedRepository?> open)
{
    private const int MaxModules = 16 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServedRepository?> _open = [];
    private (ObjectId Blob, ModuleNames Names) _last = (default, ModuleNames.None);

    private Repository Repository => superproject.Repository;

    /// <summary>The tree of a submodule's commit; null if it is not at hand.</summary>
    /// <param name="commit">The superproject's commit that records it.</param>
    /// <param name="path">The digest of its path.</param>
    /// <param name="recorded">The submodule's commit.</param>
    public TreeInside? Find(CommitFacts commit, ulong path, in ObjectId recorded)
    {
        lock (_lock)
        {
            if (ReadNames(commit).Find(path) is not { } name || FindDirectory(name) is not { } directory)
            {
                return null;
            }
            if (!_open.TryGetValue(directory, out ServedRepository? module))
            {
                module = open(directory);
                _open[directory] = module;
            }
            if (module is null)
            {
                return null;
            }
            if (module.Repository.Format == Repository.Format && module.Repository.ReadCommit(recorded) is { IsOk: true, Value: var found } && found.Id == recorded)
            {
                return new TreeInside(module, found.Tree, found, PathTimes.Root);
            }
            Repository.Log.Write($"submodule '{name}': commit {recorded.ToHex(Repository.Format)} is not in {directory}, so it is an empty directory");
            return null;
        }
    }

    public async Task EndAsync()
    {
        foreach (ServedRepository? module in _open.Values)
        {
            await (module?.EndAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    private string? FindDirectory(string name)
        => ((string[])[Repository.OwnDirectory, Repository.Directory])
            .Select(directory => Path.Combine(directory, "modules", name))
            .FirstOrDefault(directory => File.Exists(Path.Combine(directory, "HEAD")));

    private ModuleNames ReadNames(CommitFacts commit)
    {
        Result<TreeContent> root = superproject.Reader.Read(commit.Tree);
        if (!root.IsOk || !root.Value.TryFind(".gitmodules"u8, out int entry) || root.Value.GetKind(entry) is TreeEntryKind.SymbolicLink or TreeEntryKind.Directory or TreeEntryKind.Submodule)
        {
            return ModuleNames.None;
        }
        ObjectId blob = root.Value.GetId(entry);
        if (_last.Blob == blob)
        {
            return _last.Names;
        }
        Result<ObjectBuffer> read = Repository.Objects.Read(blob, ObjectKind.Blob, MaxModules);
        if (!read.IsOk)
        {
            _ = read.Errno == Errno.ENOENT ? Repository.Objects.Miss(blob) : read.Errno;
            return ModuleNames.None;
        }
        using ObjectBuffer text = read.Value;
        _last = (blob, ModuleNames.Parse(text.Span));
        return _last.Names;
    }
}
