using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3.Renaming;

/// <summary>While a directory is renamed nothing new begins beneath it.</summary>
internal sealed class RenamingGate(PathNode directory)
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when it is over.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Whether something is in the directory, or is it.</summary>
    public bool Holds(PathNode node)
    {
        for (PathNode? above = node; above is not null; above = above.Parent)
        {
            if (above == directory)
            {
                return true;
            }
        }
        return false;
    }

    public void Open() => _opened.TrySetResult();
}
