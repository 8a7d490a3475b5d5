using Kaleidofs.Caching;
using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Sandbox;

namespace Kaleidofs.Host.Configuration;

/// <summary>How much decoded content is kept, in memory and on disk.</summary>
/// <param name="MemoryBytes">The most bytes in memory.</param>
/// <param name="DiskBytes">The most bytes on disk; 0 for no tier there.</param>
/// <param name="Directory">Where on disk; null where nothing says where that would be.</param>
internal sealed record CacheSettings(long MemoryBytes, long DiskBytes, string? Directory)
{
    /// <summary>The directory that the process must be able to write to; null if it needs none.</summary>
    public string? WrittenDirectory => DiskBytes == 0 ? null : Directory;

    /// <summary>What the user chose.</summary>
    /// <param name="prefix">What stands before the options' names where the user wrote them.</param>
    /// <param name="memory">cache-size.</param>
    /// <param name="disk">disk-cache.</param>
    /// <param name="directory">disk-cache-dir.</param>
    /// <param name="usesDisk">Whether there is a tier on disk if nothing is said of it.</param>
    /// <exception cref="SourceException">A size does not mean anything.</exception>
    public static CacheSettings Parse(string prefix, string? memory, string? disk, string? directory, bool usesDisk)
        => new(memory is null ? ContentCache.DefaultBudget : ByteSize.Parse($"{prefix}cache-size", memory),
            disk is not null ? ByteSize.Parse($"{prefix}disk-cache", disk) : usesDisk || directory is not null ? DiskTier.DefaultBound : 0,
            directory is not null
                ? Path.GetFullPath(directory.Length > 0 ? directory : throw new SourceException($"invalid {prefix}disk-cache-dir '': it takes a directory") { IsUsageError = true })
                : new PathTemplate(null, new Dictionary<string, string>()).Expand("{cache}/blocks").FirstOrDefault());

    /// <summary>Makes the cache, on whose disk other threads wait than those of shares.</summary>
    public ContentCache Create(DriverLog log) => new(MemoryBytes, DiskBytes == 0 ? null : new DiskTier(Directory, DiskBytes, new DiskReader(), log));
}
