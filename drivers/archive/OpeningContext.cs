using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Zip;

namespace Kaleidofs.Drivers.Archive;

/// <summary>What opening an archive needs beside its bytes.</summary>
/// <param name="Cache">Keeps decoded content.</param>
/// <param name="Log">Hears what is wrong.</param>
/// <param name="Verification">Which stored entries are checked.</param>
/// <param name="Progress">Hears how far it is.</param>
internal sealed record OpeningContext(ContentCache Cache, DriverLog Log, StoredVerification Verification, OpeningProgress Progress);
