using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive;

/// <summary>Opens an archive; one whose index takes long to make is served meanwhile.</summary>
internal static class EarlyOpening
{
    /// <summary>Returns the filesystem when it is complete, or when it grows.</summary>
    /// <param name="context">The source.</param>
    /// <param name="open">Opens it on the thread that it is called on; says when there is a tree that grows.</param>
    /// <param name="listsParts">Whether listings of a tree that grows end with what is known.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    public static async ValueTask<FileSystem> OpenAsync(DriverContext context, Func<OpeningProgress, Action<TreeGrowth>, ArchiveFileSystem> open, bool listsParts, CancellationToken cancellationToken)
    {
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        OpeningProgress progress = new(context.Source, context.Log, end.Token);
        TaskCompletionSource<TreeGrowth> growing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<TreeFileSystem> whole = Task.Factory.StartNew<TreeFileSystem>(
            () => open(progress, growth => growing.TrySetResult(growth)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(whole, growing.Task).ConfigureAwait(false);
        if (whole.IsCompleted || !growing.Task.IsCompleted)
        {
            using (end)
            {
                return await whole.ConfigureAwait(false);
            }
        }
        return new GrowingTreeFileSystem(await growing.Task.ConfigureAwait(false), ReportAsync(whole, context.Log), () => progress.Fraction, end) { ListsParts = listsParts };
    }

    /// <summary>Nobody waits for the opening any more who would tell that it failed.</summary>
    private static async Task<TreeFileSystem> ReportAsync(Task<TreeFileSystem> whole, DriverLog log)
    {
        try
        {
            return await whole.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            log.Error($"{exception.Message}; nothing of it is served any more", exception is SourceException ? null : exception);
            throw;
        }
    }
}
