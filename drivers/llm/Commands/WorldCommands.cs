using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Commands;

/// <summary>What <c>kaleidofs llm</c> does. All of it reads a world as far as it is known, beside whoever serves it, and generates nothing.</summary>
internal static class WorldCommands
{
    public static IReadOnlyList<DriverCommand> All { get; } =
    [
        new("plan", "Say how much of a world is there, and what it would take to generate the rest."),
        new("spend", "Say what a world has cost so far."),
        new("export", "Write what there is of a world to the standard output as a tar."),
    ];

    /// <exception cref="SourceException">There is no such command, or no world.</exception>
    public static async ValueTask RunAsync(string command, LlmOptions options, WorldDefinition definition, DriverContext context, Stream output)
    {
        WorldFolder folder = WorldFolder.Find(options.State, definition.Premise, definition.Identity);
        if (command == "plan" && !File.Exists(folder.Journal))
        {
            await WriteAsync(output, WorldPlan.OfNothing(definition)).ConfigureAwait(false);
            return;
        }
        World world = await context.Files.RunAsync(() => World.Open(folder, isFrozen: true, context.Files, context.Log)).ConfigureAwait(false);
        await using (world.ConfigureAwait(false))
        {
            switch (command)
            {
                case "plan":
                    await WriteAsync(output, WorldPlan.Of(world, definition).Describe()).ConfigureAwait(false);
                    break;
                case "spend":
                    await WriteAsync(output, WorldBill.Of(world).Describe(DateTimeOffset.UtcNow)).ConfigureAwait(false);
                    break;
                case "export":
                    await WorldExport.WriteAsync(world, definition, context, output).ConfigureAwait(false);
                    break;
                default:
                    throw new SourceException($"llm has no command '{command}'; it has {string.Join(", ", All.Select(known => known.Name))}") { IsUsageError = true };
            }
        }
    }

    private static ValueTask WriteAsync(Stream output, string text) => output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
}
