using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.S3.Writing;

/// <summary>Where files that are written are kept until the server has them. They have no names, so nothing is left of them after a crash.</summary>
/// <param name="parent">The directory that it is in; null if there is none.</param>
internal sealed class StagingFolder(string? parent)
{
    /// <summary>Its path; null if there is none. It is this user's alone, whoever may enter its parent.</summary>
    public string? Path { get; } = parent is null ? null : System.IO.Path.Combine(parent, "pending");

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
