using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive;

/// <summary>What opening an archive needs beside its bytes.</summary>
/// <param name="Cache">Keeps decoded content.</param>
/// <param name="Log">Hears what is wrong.</param>
/// <param name="Options">What <c>-o</c> says.</param>
/// <param name="Progress">Hears how far it is.</param>
/// <param name="Index">What is kept of the archive for its next opening.</param>
internal sealed record OpeningContext(ContentCache Cache, DriverLog Log, ArchiveOptions Options, OpeningProgress Progress, ArchiveIndex Index)
{
    /// <summary>Takes the tree of an archive that may be served while it is built; null if it is wanted whole.</summary>
    public Action<TreeGrowth>? Growing { get; init; }
}
