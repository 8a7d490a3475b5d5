using System.CommandLine;
using Kaleidofs.Caching;
using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs DRIVER COMMAND SOURCE</c>: what a driver does beside serving.</summary>
internal sealed class DriverVerb : Verb
{
    private DriverVerb(DriverManifest manifest, IReadOnlyList<DriverCommand> commands)
        : base(manifest.Name, $"What the driver '{manifest.Name}' does beside serving.", string.Join('\n', commands.Select(command => MakeExample(manifest, command))))
    {
        foreach (DriverCommand command in commands)
        {
            Add(new CommandVerb(manifest, command));
        }
    }

    /// <summary>The verb of the driver of that name among the host's own; null if there is none, or it has no commands.</summary>
    public static DriverVerb? Find(string name)
    {
        DriverCatalog drivers = DriverCatalog.Scan([]);
        return drivers.Manifests.FirstOrDefault(manifest => manifest.Name == name) is { } manifest && drivers.Load(manifest).Commands is { Count: > 0 } commands
            ? new DriverVerb(manifest, commands)
            : null;
    }

    private static string MakeExample(DriverManifest manifest, DriverCommand command) => $"kaleidofs {manifest.Name} {command.Name} {manifest.Schemes[0]}:...";

    private sealed class CommandVerb : Verb
    {
        private readonly DriverManifest _manifest;
        private readonly ShareOptions _share = new();

        public CommandVerb(DriverManifest manifest, DriverCommand command) : base(command.Name, command.Description, MakeExample(manifest, command))
        {
            _manifest = manifest;
            _share.AddTo(this);
            SetAction(RunAsync);
        }

        private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
        {
            DriverLog log = new StandardErrorLog(_share.ReadLogLevel(result));
            using ContentCache cache = _share.ReadCache(result, usesDisk: false).Create(log);
            using StandardOutput output = new();
            await ShareFileSystem.RunCommandAsync(Name, _manifest, _share.Read(result), _share.ReadDrivers(result), cache, log, output.Stream, cancellationToken).ConfigureAwait(false);
            return ExitCode.Success;
        }
    }
}
