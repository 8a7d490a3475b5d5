using Kaleidofs.Caching;

namespace Kaleidofs;

/// <summary>What the host gives a driver that opens a source.</summary>
public sealed class DriverContext
{
    /// <summary>The source without its scheme and the colon, as the user wrote it: a path, or <c>//host/path?query</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The scheme that was given (or chosen for a plain path).</summary>
    public required string Scheme { get; init; }

    /// <summary>The <c>-o</c> options that the host did not take for itself. A driver refuses those that it does not know: see <see cref="CheckOptions"/>.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The content cache that all shares of this process use.</summary>
    public required ContentCache Cache { get; init; }

    /// <summary>Reads this machine's files, for sources that are made of some.</summary>
    public required FileReader Files { get; init; }

    /// <summary>Starts the driver's workers, if it declares that it has some.</summary>
    public WorkerStarter Workers { get; init; } = WorkerStarter.None;

    /// <summary>Where to say what an operator should know; one line a message.</summary>
    public DriverLog Log { get; init; } = DriverLog.Silent;

    /// <summary>Refuses options that are not among <paramref name="known"/>.</summary>
    /// <exception cref="SourceException">An option is unknown.</exception>
    public void CheckOptions(IReadOnlyList<DriverOption> known)
    {
        foreach (string name in Options.Keys)
        {
            if (!known.Any(option => option.Name == name))
            {
                string all = known.Count == 0 ? "this driver has none" : "known: " + string.Join(", ", known.Select(option => option.Name));
                throw new SourceException($"unknown option '{name}' ({all})") { IsUsageError = true };
            }
        }
    }
}
