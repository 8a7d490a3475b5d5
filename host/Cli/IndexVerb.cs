using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Kaleidofs.Caching;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs index</c>: makes a source's index ahead, so that it opens at once.</summary>
internal sealed class IndexVerb : Verb
{
    private readonly ShareOptions _share = new();

    public IndexVerb() : base("index", "Make a source's index ahead, and keep it: what opens the source later finds it, and begins at once.",
        "kaleidofs index backup.tar.gz\nkaleidofs index backup.tar.gz -o index=/var/cache/indices")
    {
        _share.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        using CancellationTokenSource interrupted = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        return await MakeAsync(result, interrupted.Token).ConfigureAwait(false);

        // Killed it would be safe, too; so nothing half written is left.
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupted.Cancel();
        }
    }

    private async Task<int> MakeAsync(ParseResult result, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        DriverLog log = new StandardErrorLog(_share.ReadLogLevel(result));
        // What is decoded once goes there, too, as when the source is served.
        using ContentCache cache = _share.ReadCache(result, usesDisk: true).Create(log);
        ShareSettings settings = _share.Read(result);
        SourceIndex index;
        try
        {
            using ProgressBar progress = new($"indexing {settings.Source}");
            index = await ShareFileSystem.IndexAsync(settings, _share.ReadDrivers(result), cache, log, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            throw new SourceException($"cannot index {settings.Source}: interrupted; begin again", exception);
        }
        using StandardOutput output = new();
        string entries = $"{Quantity.Count(index.Entries)} {(index.Entries == 1 ? "entry" : "entries")}";
        string what = index.WasThere
            ? $"{settings.Source}: its index is there already: {entries}"
            : $"{settings.Source}: {entries} in {Quantity.Duration(Stopwatch.GetElapsedTime(start).TotalSeconds)}";
        output.Write($"{what}, index of {Quantity.Bytes(index.Length)} in {index.Path}\n");
        return ExitCode.Success;
    }
}
