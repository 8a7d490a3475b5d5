using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Generating;
using Kaleidofs.Drivers.Llm.Worlds;
using Kaleidofs.Exporting;

namespace Kaleidofs.Drivers.Llm.Commands;

/// <summary>A world as a tar, with where its entries came from in extended attributes.</summary>
internal static class WorldExport
{
    public static async Task WriteAsync(World world, WorldDefinition definition, DriverContext context, Stream output)
    {
        Budget budget = new(definition.Limits, world.Spending, TimeProvider.System, context.Log, $"llm:{context.Source}");
        Generator generator = new(world, definition, author: null, budget, context.Log);
        // The world is the caller's.
        LlmFileSystem fileSystem = new(world, generator, unclaimed: 0, isStreaming: false, context.Files, context.Cache, static () => default);
        await using (fileSystem.ConfigureAwait(false))
        {
            int unlisted = 0;
            int unwritten = 0;
            TarExport export = new(fileSystem, new RequestContext(0, 0, 0), output)
            {
                OnFailure = (path, errno) =>
                {
                    if (errno != Errno.ENODATA)
                    {
                        throw new SourceException($"llm export: {System.Text.Encoding.UTF8.GetString(path.Span)}: {errno}: what was written is not whole");
                    }
                    // A path is a directory's own, if it is listed at all: its entry is there.
                    if (IsDirectory(world, path.Span))
                    {
                        unlisted++;
                    }
                    else
                    {
                        unwritten++;
                    }
                },
            };
            await export.WriteAsync(default, world.Root.GetAttributes(0)).ConfigureAwait(false);
            if (unlisted + unwritten > 0)
            {
                context.Log.Warning($"llm:{context.Source}: {export.EntryCount} entries written; {unwritten} files that nobody has read are left out, and {unlisted} directories that nobody has listed are empty");
            }
        }
    }

    private static bool IsDirectory(World world, ReadOnlySpan<byte> path)
    {
        lock (world.Gate)
        {
            WorldNode? node = world.Root;
            foreach (Range part in path.Split((byte)'/'))
            {
                node = path[part].IsEmpty ? node : node?.Find(path[part]);
            }
            return node is { Facts.IsDirectory: true };
        }
    }
}
