using Microsoft.Win32.SafeHandles;

namespace Kaleidofs;

/// <summary>
/// Reads files of this machine for a driver, so that no queue's thread waits for a disk: what the kernel has in memory is read
/// at once, straight to where it is wanted; the rest on threads that are there to wait, this share's own.
/// </summary>
/// <remarks>Any number of threads may use it at once. Handles stay the caller's.</remarks>
public abstract class FileReader
{
    /// <summary>Reads by position into the caller's memory. Completes at once, and without allocating, if all of it is at hand.</summary>
    /// <param name="file">The file.</param>
    /// <param name="position">Where to begin, in bytes.</param>
    /// <param name="count">How many bytes; the destination has room for them.</param>
    /// <param name="destination">Where they go; it is advanced by what was read.</param>
    /// <returns>How many bytes were read: fewer only if the file ends there.</returns>
    /// <exception cref="IOException">Reading failed.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public abstract ValueTask<int> ReadAsync(SafeFileHandle file, long position, int count, PayloadWriter destination);

    /// <summary>Fills <paramref name="destination"/> if that needs no waiting.</summary>
    /// <returns>Whether it is filled; it is not, either, if the file ends before or reading fails.</returns>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public abstract bool TryReadNow(SafeFileHandle file, long position, Span<byte> destination);

    /// <summary>What tells an open file from another of its name; nothing where that cannot be known.</summary>
    public virtual FileIdentity GetIdentity(SafeFileHandle file) => default;

    /// <summary>Runs what may wait for a disk on a thread that is there to wait.</summary>
    public abstract Task<T> RunAsync<T>(Func<T> work);
}
