using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.S3.Writing;

/// <summary>Where files that are written are kept until the server has them. They have no names, so nothing is left of them after a crash.</summary>
/// <param name="parent">The directory that it is in; null if there is none.</param>
/// <param name="room">The most bytes that are kept at once.</param>
internal sealed class StagingFolder(string? parent, long room)
{
    private long _free = room;

    /// <summary>Its path; null if there is none. It is this user's alone, whoever may enter its parent.</summary>
    public string? Path { get; } = parent is null ? null : System.IO.Path.Combine(parent, "pending");

    /// <summary>Takes room for a file that becomes longer, or gives it back; false if there is not so much. In the file's turn.</summary>
    public bool TryResize(OpenInode open, long size)
    {
        long more = size - open.Reserved;
        if (Interlocked.Add(ref _free, -more) < 0 && more > 0)
        {
            Interlocked.Add(ref _free, more);
            return false;
        }
        open.Reserved = size;
        return true;
    }

    /// <summary>Lets a file's staged content go.</summary>
    public void Release(OpenInode open)
    {
        open.Staged?.Dispose();
        open.Staged = null;
        TryResize(open, 0);
    }

    /// <exception cref="IOException">It cannot be made.</exception>
    public void Make()
    {
        if (Path is null)
        {
            throw new IOException("no directory for files that are written; give -o staging=DIR");
        }
#pragma warning disable CA1416 // Drivers are loaded on Linux.
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
    }

    /// <summary>Makes an empty file.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public SafeFileHandle MakeFile()
    {
        Make();
        string path = System.IO.Path.Combine(Path!, Guid.NewGuid().ToString("N"));
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        File.Delete(path);
        return file;
    }
}
