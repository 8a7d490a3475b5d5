using Kaleidofs.Caching;
using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Loading;
using Kaleidofs.Transforms;
using Kaleidofs.Transforms.Overlay;

namespace Kaleidofs.Host.Serving;

/// <summary>Opens a share's source, with the transforms that its settings ask for around it.</summary>
internal static class ShareFileSystem
{
    /// <exception cref="SourceException">It cannot be opened.</exception>
    public static async Task<FileSystem> OpenAsync(ShareSettings settings, DriverCatalog drivers, ContentCache cache, DriverLog log, OpeningProgress progress, CancellationToken cancellationToken)
    {
        HostOptions options = HostOptions.Split(settings.Options);
        bool isReadOnly = settings.IsReadOnly || options.IsReadOnly;
        if (isReadOnly && options.Overlay is not null)
        {
            throw new SourceException($"cannot open {settings.Source}: overlay= is for writing, and it is to be read-only; leave one out") { IsUsageError = true };
        }
        IdMap users = ParseMap("--translate-uid", settings.TranslateUid);
        IdMap groups = ParseMap("--translate-gid", settings.TranslateGid);
        SourceAddress address = SourceAddress.Resolve(settings.Source, drivers);
        DriverContext context = MakeContext(address, options, cache, log);
        Task<FileSystem> opening = Task.Run(() => RunAsync(settings.Source, address.Driver, drivers, driver => driver.OpenAsync(context, cancellationToken)), cancellationToken);
        FileSystem fileSystem = await progress.WatchAsync(settings.Source, opening).ConfigureAwait(false);
        // Whose a file is comes first, then how the guest sees those ids.
        if (options.ChangesOwnership)
        {
            fileSystem = new OwnershipFileSystem(fileSystem, options.UserId, options.GroupId, options.Mode, options.DirectoryMode);
        }
        if (options.Overlay is { } directory)
        {
            // Owners that are shown are a guest's to change: it sees what it sets.
            fileSystem = await OverlayAsync(fileSystem, MakeOverlay(directory, settings, context)).ConfigureAwait(false);
        }
        if (!users.IsEmpty || !groups.IsEmpty)
        {
            fileSystem = new IdMapFileSystem(fileSystem, users, groups);
        }
        return isReadOnly ? new ReadOnlyFileSystem(fileSystem) : fileSystem;
    }

    /// <summary>Puts what an overlay has into the share's source.</summary>
    /// <exception cref="SourceException">That cannot be done; the source is as it was.</exception>
    public static async Task<CommitOutcome> CommitAsync(ShareSettings settings, string directory, DriverCatalog drivers, ContentCache cache, DriverLog log, OpeningProgress progress, CancellationToken cancellationToken)
    {
        HostOptions options = HostOptions.Split(settings.Options);
        if (options.ChangesOwnership || settings.TranslateUid.Count > 0 || settings.TranslateGid.Count > 0)
        {
            throw new SourceException($"cannot commit {settings.Source}: owners and modes that are only shown so would be written; leave out uid=, gid=, mode=, dmode= and maps") { IsUsageError = true };
        }
        if (!Directory.Exists(directory))
        {
            throw new SourceException($"cannot commit {settings.Source}: there is no overlay {directory}");
        }
        SourceAddress address = SourceAddress.Resolve(settings.Source, drivers);
        DriverContext context = MakeContext(address, options, cache, log);
        Task<FileSystem> opening = Task.Run(() => RunAsync(settings.Source, address.Driver, drivers, driver => driver.OpenAsync(context, cancellationToken)), cancellationToken);
        FileSystem lower = await progress.WatchAsync(settings.Source, opening).ConfigureAwait(false);
        FileSystem opened = await OverlayAsync(lower, MakeOverlay(directory, settings, context)).ConfigureAwait(false);
        await using (opened.ConfigureAwait(false))
        {
            Task<CommitOutcome> committing = Task.Run(() => CommitAsync((OverlayFileSystem)opened, drivers.Load(address.Driver), context, cancellationToken), CancellationToken.None);
            return await progress.WatchAsync("committing", settings.Source, committing).ConfigureAwait(false);
        }
    }

    private static async Task<CommitOutcome> CommitAsync(OverlayFileSystem overlay, Driver driver, DriverContext context, CancellationToken cancellationToken)
    {
        OverlayChanges changes = await overlay.CollectChangesAsync().ConfigureAwait(false);
        CommittedSource committed = await driver.CommitAsync(context, changes, cancellationToken).ConfigureAwait(false);
        if (!changes.IsEmpty)
        {
            try
            {
                await changes.RetireAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                context.Log.Warning($"the overlay could not be cleared, and will be by the next to open it: {exception.Message}");
            }
        }
        return new CommitOutcome(changes, committed);
    }

    /// <summary>Makes the source's index ahead.</summary>
    /// <exception cref="SourceException">It cannot be made or kept.</exception>
    public static Task<SourceIndex> IndexAsync(ShareSettings settings, DriverCatalog drivers, ContentCache cache, DriverLog log, IProgress<double> progress, CancellationToken cancellationToken)
    {
        SourceAddress address = SourceAddress.Resolve(settings.Source, drivers);
        DriverContext context = MakeContext(address, HostOptions.Split(settings.Options), cache, log);
        return Task.Run(() => RunAsync(settings.Source, address.Driver, drivers, driver => driver.IndexAsync(context, progress, cancellationToken)), cancellationToken);
    }

    /// <summary>Runs a driver's own command on a source.</summary>
    /// <exception cref="SourceException">It cannot be done, or the source is another driver's.</exception>
    public static async Task RunCommandAsync(string command, DriverManifest manifest, ShareSettings settings, DriverCatalog drivers, ContentCache cache, DriverLog log, Stream output, CancellationToken cancellationToken)
    {
        SourceAddress address = SourceAddress.Resolve(settings.Source, drivers);
        if (address.Driver.Name != manifest.Name)
        {
            throw new SourceException($"{manifest.Name} {command}: {settings.Source} is a source of driver '{address.Driver.Name}'; write {manifest.Schemes[0]}:...") { IsUsageError = true };
        }
        DriverContext context = MakeContext(address, HostOptions.Split(settings.Options), cache, log);
        Driver driver = drivers.Load(address.Driver);
        try
        {
            await driver.RunAsync(command, context, output, cancellationToken).ConfigureAwait(false);
        }
        // The output's failures are the command line's business.
        catch (Exception exception) when (exception is not (SourceException or OperationCanceledException or IOException))
        {
            throw new SourceException($"{manifest.Name} {command}: {settings.Source}: {exception.GetType().Name}: {exception.Message}", exception);
        }
    }

    private static DriverContext MakeContext(SourceAddress address, HostOptions options, ContentCache cache, DriverLog log) => new()
    {
        Source = address.Rest,
        Scheme = address.Scheme,
        Options = options.DriverOptions,
        Cache = cache,
        Files = new DiskReader(),
        Workers = WorkerProcesses.OfThisProgram,
        Log = log,
    };

    private static OverlaySettings MakeOverlay(string directory, ShareSettings settings, DriverContext context)
        => new() { Directory = directory, Source = settings.Source, Files = context.Files, Writer = new DiskWriter(), Log = context.Log };

    private static async Task<T> RunAsync<T>(string source, DriverManifest manifest, DriverCatalog drivers, Func<Driver, ValueTask<T>> run)
    {
        Driver driver = drivers.Load(manifest);
        try
        {
            return await run(driver).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (SourceException or OperationCanceledException))
        {
            throw new SourceException($"cannot open {source}: driver '{manifest.Name}' failed: {exception.GetType().Name}: {exception.Message}", exception);
        }
    }

    private static async Task<FileSystem> OverlayAsync(FileSystem lower, OverlaySettings settings)
    {
        try
        {
            return await OverlayFileSystem.OpenAsync(lower, settings).ConfigureAwait(false);
        }
        catch
        {
            await lower.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static IdMap ParseMap(string option, IReadOnlyList<string> rules)
    {
        try
        {
            return IdMap.Parse(rules);
        }
        catch (FormatException exception)
        {
            throw new SourceException($"invalid {option}: {exception.Message}", exception) { IsUsageError = true };
        }
    }
}
