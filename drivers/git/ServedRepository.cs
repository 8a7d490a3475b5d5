using Kaleidofs.Drivers.Git.Lfs;
using Kaleidofs.Drivers.Git.Nodes;
using Kaleidofs.Drivers.Git.Submodules;
using Kaleidofs.Drivers.Git.Times;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git;

/// <summary>A repository with what is kept of it in memory: that of the share, or of one of its submodules.</summary>
internal sealed class ServedRepository
{
    private const long TreeBudget = 64 << 20;

    /// <summary>Of a submodule's: there may be many.</summary>
    private const long ModuleTreeBudget = 8 << 20;

    /// <summary>Submodules of submodules: links among their directories could make a circle.</summary>
    private const int MaxDepth = 8;

    /// <summary>Repositories of submodules that a share has open, each with its packs.</summary>
    private const int MaxModules = 1000;

    private readonly DriverContext _context;
    private readonly GitOptions _options;
    private readonly ChangeTimes? _times;
    private readonly int _depth;
    private readonly ServedRepository _top;
    private int _modules;

    public ServedRepository(Repository repository, DriverContext context, GitOptions options) : this(repository, context, options, above: null)
    {
    }

    private ServedRepository(Repository repository, DriverContext context, GitOptions options, ServedRepository? above)
    {
        (Repository, _context, _options) = (repository, context, options);
        (_depth, _top) = above is null ? (0, this) : (above._depth + 1, above._top);
        Trees = new TreeCache(above is null ? TreeBudget : ModuleTreeBudget);
        _times = options.ShowsLastChanges ? new ChangeTimes(repository, options.TimesFolder is { } folder ? new TimesFolder(folder, context.Files) : null, context.Files) : null;
        Describer = new Describer(_times);
        Blobs = new BlobReader(repository.Objects, context.Cache, context.Files);
        Lfs = options.ResolvesLfs ? new LfsStore(repository.Directory, repository.Log) : null;
        Reader = new TreeReader(repository, Trees, Lfs);
        Ahead = new ReadAhead(Reader, Blobs, context.Files);
        Submodules = new SubmoduleFinder(this, OpenModule);
    }

    public Repository Repository { get; }

    public TreeCache Trees { get; }

    public TreeReader Reader { get; }

    public BlobReader Blobs { get; }

    /// <summary>Has the files that pointers of Git LFS lead to; null if they are shown as they are.</summary>
    public LfsStore? Lfs { get; }

    public ReadAhead Ahead { get; }

    public Describer Describer { get; }

    public SubmoduleFinder Submodules { get; }

    public async Task EndAsync()
    {
        await Submodules.EndAsync().ConfigureAwait(false);
        await Ahead.EndAsync().ConfigureAwait(false);
        await (_times?.EndAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        Blobs.Dispose();
        Repository.Dispose();
    }

    private ServedRepository? OpenModule(string directory)
    {
        if (_depth >= MaxDepth || Interlocked.Increment(ref _top._modules) > MaxModules)
        {
            Repository.Log.Write($"{directory}: a submodule too many or too deep (at most {MaxModules}, {MaxDepth} deep), so it is an empty directory");
            return null;
        }
        try
        {
            return new ServedRepository(Repository.Open(directory, _context.Cache, Repository.Log), _context, _options, this);
        }
        catch (SourceException exception)
        {
            Repository.Log.Write($"{exception.Message}; so this submodule is an empty directory");
            return null;
        }
    }
}
