using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Archive.Writing;

/// <summary>
/// A file beside an archive that is to take its place. It has a name of its own until then; one that a killed process left is
/// removed by the next, which knows it by the lock that is gone.
/// </summary>
internal sealed class NewArchive : IDisposable
{
    private const string Infix = ".kaleidofs-";

    private readonly string _archive;
    private bool _isInPlace;

    private NewArchive(string archive, string path, FileStream stream)
    {
        _archive = archive;
        Path = path;
        Stream = stream;
        Handle = stream.SafeFileHandle;
    }

    /// <summary>Its name until it is in its place.</summary>
    public string Path { get; }

    /// <summary>Writes it.</summary>
    public FileStream Stream { get; }

    /// <summary>The same file, for copying ranges into it.</summary>
    public SafeFileHandle Handle { get; }

    /// <exception cref="IOException">It cannot be made there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made there.</exception>
    public static NewArchive Create(string archive)
    {
        string directory = System.IO.Path.GetDirectoryName(archive)!;
        string prefix = $".{System.IO.Path.GetFileName(archive)}{Infix}";
        RemoveLeftovers(directory, prefix);
        string path = System.IO.Path.Combine(directory, prefix + Guid.NewGuid().ToString("N")[..8]);
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            // Shared reading is locked, too: a lock that stands alone, as a leftover's removal asks for, is then refused.
            Share = FileShare.Read,
            BufferSize = 1 << 20,
        };
        if (!OperatingSystem.IsWindows())
        {
            // Nobody else's until it has the archive's own permissions.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return new NewArchive(archive, path, new FileStream(path, options));
    }

    /// <summary>Puts it in the archive's place: a name leads to the one or to the other, whole.</summary>
    /// <exception cref="IOException">That failed.</exception>
    /// <exception cref="SourceException">It is in place, but perhaps not on the disk.</exception>
    public void TakePlace(FileWriter writer)
    {
        File.Move(Path, _archive, overwrite: true);
        _isInPlace = true;
        try
        {
            writer.SyncDirectory(System.IO.Path.GetDirectoryName(_archive)!);
        }
        catch (IOException exception)
        {
            throw new SourceException($"{_archive}: is changed, but a loss of power may bring the old one back: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isInPlace)
        {
            File.Delete(Path);
        }
        try
        {
            Stream.Dispose();
        }
        catch (IOException) when (!_isInPlace)
        {
            // What could not be written belongs to a file that is removed.
        }
    }

    private static void RemoveLeftovers(string directory, string prefix)
    {
        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles())
        {
            if (!file.Name.StartsWith(prefix, StringComparison.Ordinal) || file.LinkTarget is not null)
            {
                continue;
            }
            try
            {
                using FileStream locked = new(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                file.Delete();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another process's, at work, or another user's.
            }
        }
    }
}
