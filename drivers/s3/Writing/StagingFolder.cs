using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.S3.Writing;

/// <summary>Where files that are written are kept until the server has them. They have no names, so nothing is left of them after a crash.</summary>
/// <param name="folder">The directory; null if there is none.</param>
internal sealed class StagingFolder(string? folder)
{
    /// <summary>Makes an empty file.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public SafeFileHandle MakeFile()
    {
        if (folder is null)
        {
            throw new IOException("no directory for files that are written; give -o staging=DIR");
        }
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        File.Delete(path);
        return file;
    }
}
