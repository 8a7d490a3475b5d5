using Kaleidofs.Drivers.Llm.Authors;
using Kaleidofs.Drivers.Llm.Chat;
using Kaleidofs.Drivers.Llm.Commands;
using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Embedded;
using Kaleidofs.Drivers.Llm.Generating;
using Kaleidofs.Drivers.Llm.Worlds;

[assembly: Kaleidofs.Driver("llm", typeof(Kaleidofs.Drivers.Llm.LlmDriver), Kaleidofs.ContractVersion.Current, "llm",
    Description = "a tree that a language model, or the generator that is part of it, writes when it is looked at, and that then stays",
    Network = true,
    NetworkOptions = ["provider", "endpoint"],
    Reads = ["{source}", "{key-file}"],
    Writes = ["{state}/llm", "{worlds}"])]

namespace Kaleidofs.Drivers.Llm;

/// <summary>Opens <c>llm:premise</c> and <c>llm:world.toml</c>.</summary>
public sealed class LlmDriver : Driver
{
    private readonly WorldTable _worlds = new();

    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options => LlmOptions.All;

    /// <inheritdoc/>
    public override IReadOnlyList<DriverCommand> Commands => WorldCommands.All;

    /// <inheritdoc/>
    public override async ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        (LlmOptions options, WorldDefinition definition) = await ReadAsync(context).ConfigureAwait(false);
        WorldFolder folder = WorldFolder.Find(options.State, definition.Premise, definition.Identity);
        Author? author = options.IsFrozen ? null : options.UsesModel ? ChatAuthor.Open(definition, options, context.Log) : new EmbeddedAuthor();
        try
        {
            World world = await context.Files.RunAsync(() => _worlds.Take(folder, options.IsFrozen, context.Files, context.Log)).ConfigureAwait(false);
            Budget budget = new(definition.Limits, world.Spending, TimeProvider.System, context.Log, $"llm:{context.Source}");
            Generator generator = new(world, definition, author, budget, context.Log);
            return new LlmFileSystem(world, generator, options.IsFrozen ? 0 : definition.Limits.FileBytes, options.IsStreaming, context.Files, context.Cache, () => _worlds.GiveBackAsync(world));
        }
        catch
        {
            author?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask RunAsync(string command, DriverContext context, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(output);
        (LlmOptions options, WorldDefinition definition) = await ReadAsync(context).ConfigureAwait(false);
        await WorldCommands.RunAsync(command, options, definition, context, output).ConfigureAwait(false);
    }

    private async Task<(LlmOptions Options, WorldDefinition Definition)> ReadAsync(DriverContext context)
    {
        context.CheckOptions(Options);
        LlmOptions options = LlmOptions.Parse(context.Options);
        return (options, options.Apply(await context.Files.RunAsync(() => ReadDefinition(context.Source)).ConfigureAwait(false)));
    }

    private static WorldDefinition ReadDefinition(string source)
    {
        if (source.Trim().Length == 0)
        {
            throw new SourceException("llm: says nothing; write llm:\"a 1998 university FTP server\", or llm:world.toml") { IsUsageError = true };
        }
        if (source.EndsWith(".toml", StringComparison.OrdinalIgnoreCase))
        {
            return WorldFile.Read(Path.GetFullPath(source));
        }
        return new WorldDefinition { Premise = source };
    }
}
