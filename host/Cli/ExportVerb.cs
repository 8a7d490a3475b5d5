using System.CommandLine;
using Kaleidofs.Exporting;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs export</c>: a source, or a directory of it, as a tar.</summary>
internal sealed class ExportVerb() : ViewVerb("export", "Write a source, or a directory or file of it, to the standard output as a tar (POSIX's pax form).",
    "kaleidofs export git:/repo@v1.2 | tar x -C /tmp/v1.2\nkaleidofs export backup.zip etc > etc.tar")
{
    /// <inheritdoc/>
    protected override async Task ShowAsync(SourceView view, byte[] path, Attributes attributes, StandardOutput output, ParseResult result)
    {
        if (!Console.IsOutputRedirected)
        {
            throw new SourceException("export writes a tar, and the standard output is a terminal; append > FILE.tar, or | tar t") { IsUsageError = true };
        }
        Result<FileSystemStatistics> statistics = await view.FileSystem.GetStatisticsAsync(view.Context, FileSystem.RootInode).ConfigureAwait(false);
        double count = statistics.IsOk ? statistics.Value.Files - statistics.Value.FreeFiles : 0;
        using ProgressBar progress = new($"exporting {result.GetValue(Share.Source)}");
        TarExport export = new(view.FileSystem, view.Context, output.Stream)
        {
            OnFailure = (failed, errno) => Report(output, failed.Span, errno),
            OnEntry = done =>
            {
                if (count > 0 && path.Length == 0)
                {
                    progress.Report(done / count);
                }
            },
        };
        await export.WriteAsync(path.AsMemory(path.AsSpan().LastIndexOf((byte)'/') + 1), attributes).ConfigureAwait(false);
    }
}
