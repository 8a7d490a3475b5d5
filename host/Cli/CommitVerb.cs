using System.CommandLine;
using System.Runtime.InteropServices;
using Kaleidofs.Caching;
using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs commit</c>: an overlay's changes, put into the source.</summary>
internal sealed class CommitVerb : Verb
{
    private readonly ShareOptions _share = new();
    private readonly Option<string> _overlay = new("--overlay") { Description = "the directory that has the changes, as -o overlay= named it; empty afterwards", HelpName = "DIR" };

    public CommitVerb() : base("commit", "Put the changes that an overlay keeps into the archive itself, and empty the overlay. No share may use it meanwhile.",
        "kaleidofs commit backup.zip --overlay /var/lib/changes/backup")
    {
        _share.AddTo(this);
        Add(_overlay);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        using CancellationTokenSource interrupted = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        return await CommitAsync(result, interrupted.Token).ConfigureAwait(false);

        // Killed it would be safe, too; so nothing is left beside the archive.
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupted.Cancel();
        }
    }

    private async Task<int> CommitAsync(ParseResult result, CancellationToken cancellationToken)
    {
        (ShareSettings settings, string directory) = Read(result);
        DriverLog log = new StandardErrorLog(_share.ReadLogLevel(result));
        using ContentCache cache = _share.ReadCache(result, usesDisk: false).Create(log);
        DriverCatalog drivers = _share.ReadDrivers(result);
        OpeningProgress progress = Console.IsErrorRedirected ? new(log) : OpeningProgress.ForTerminal;
        CommitOutcome outcome;
        try
        {
            outcome = await ShareFileSystem.CommitAsync(settings, directory, drivers, cache, log, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw new SourceException($"cannot commit {settings.Source}: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception)
        {
            throw new SourceException($"cannot commit {settings.Source}: interrupted; it is as it was", exception);
        }
        result.InvocationConfiguration.Output.WriteLine(Describe(settings.Name, outcome));
        return ExitCode.Success;
    }

    private (ShareSettings Settings, string Directory) Read(ParseResult result)
    {
        ShareSettings settings = _share.Read(result);
        Dictionary<string, string> options = new(settings.Options, StringComparer.Ordinal);
        string? directory = result.GetValue(_overlay);
        if (options.Remove("overlay", out string? other))
        {
            directory = directory is null ? other : throw new SourceException("the overlay was given twice; give it once") { IsUsageError = true };
        }
        if (string.IsNullOrEmpty(directory))
        {
            throw new SourceException("commit needs --overlay DIR, the directory with the changes") { IsUsageError = true };
        }
        if (settings.IsReadOnly || options.ContainsKey("ro"))
        {
            throw new SourceException("commit writes to the source: leave out --readonly") { IsUsageError = true };
        }
        return (settings with { Options = options }, Path.GetFullPath(directory));
    }

    private static string Describe(string source, CommitOutcome outcome)
        => outcome.IsEmpty ? $"nothing to commit; {source} is as it was"
            : $"{Quantity.Count(outcome.CreatedCount)} created, {Quantity.Count(outcome.ChangedCount)} changed, {Quantity.Count(outcome.RemovedCount)} removed; "
                + $"{source} is {Quantity.Bytes(outcome.Source.Length)}, was {Quantity.Bytes(outcome.Source.LengthBefore)}";
}
