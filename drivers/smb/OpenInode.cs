using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.Smb;

/// <summary>A file that is open here, however often. Lists are used under its own lock.</summary>
/// <param name="node">Its place in the tree.</param>
/// <param name="fileNumber">The server's number of it; 0 if it does not tell.</param>
internal sealed class OpenInode(PathNode node, ulong fileNumber)
{
    private long _written;
    private long _flushed;

    public PathNode Node => node;

    /// <summary>Whether a number that the server tells now is of the same file, as far as it tells.</summary>
    public bool IsSame(ulong number) => number == fileNumber || number == 0 || fileNumber == 0;

    public Lock Lock { get; } = new();

    public List<RemoteFile> Files { get; } = [];

    /// <summary>Whether something was written that no flush has confirmed.</summary>
    public bool IsDirty => Interlocked.Read(ref _written) > Interlocked.Read(ref _flushed);

    /// <summary>How often something was written.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Under what name it waits to be removed with its last handle; null if it has its own.</summary>
    public string? RemovedPath { get; set; }

    /// <summary>Something was written.</summary>
    public void AddWrite() => Interlocked.Increment(ref _written);

    /// <summary>A flush that began when <see cref="Written"/> was so much has succeeded.</summary>
    public void AddFlush(long written)
    {
        long before;
        while ((before = Interlocked.Read(ref _flushed)) < written && Interlocked.CompareExchange(ref _flushed, written, before) != before)
        {
        }
    }
}
