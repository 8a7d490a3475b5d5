namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>The worlds that are open in this process: shares of one use one, so that two guests see the same.</summary>
internal sealed class WorldTable
{
    private readonly Dictionary<(string Path, bool IsFrozen), (World World, int Users)> _open = [];
    private readonly Lock _gate = new();

    /// <summary>Opens a world, or takes the one that is open. It may wait for the disk.</summary>
    /// <exception cref="SourceException">It cannot be used.</exception>
    public World Take(WorldFolder folder, bool isFrozen, FileReader files, DriverLog log)
    {
        lock (_gate)
        {
            (World World, int Users) found = _open.GetValueOrDefault((folder.Path, isFrozen));
            World world = found.World ?? World.Open(folder, isFrozen, files, log);
            _open[(folder.Path, isFrozen)] = (world, found.Users + 1);
            return world;
        }
    }

    /// <summary>A share is done with a world.</summary>
    public ValueTask GiveBackAsync(World world)
    {
        lock (_gate)
        {
            (string, bool) key = (world.Folder.Path, world.IsFrozen);
            int users = _open[key].Users - 1;
            if (users > 0)
            {
                _open[key] = (world, users);
                return default;
            }
            _open.Remove(key);
        }
        return world.DisposeAsync();
    }
}
