using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.Smb;

/// <summary>A file that is open here, however often. Lists are used under its own lock.</summary>
internal sealed class OpenInode(PathNode node)
{
    public PathNode Node => node;

    public Lock Lock { get; } = new();

    public List<RemoteFile> Files { get; } = [];

    /// <summary>Whether something was written that no flush has confirmed.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Under what name it waits to be removed with its last handle; null if it has its own.</summary>
    public string? RemovedPath { get; set; }
}
