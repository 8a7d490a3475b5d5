using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Archive.Indexing;

#pragma warning disable CA1416 // Modes of Unix: the host is a program for Linux.

/// <summary>Where index files are kept (<c>-o index=</c>), and no more of them than a bound.</summary>
/// <param name="path">The directory.</param>
/// <param name="keepsAll">Whether indices are kept of archives, too, that open in a moment without.</param>
/// <param name="maxBytes">What the files may take together.</param>
internal sealed class IndexFolder(string path, bool keepsAll, long maxBytes = IndexFolder.DefaultMaxBytes)
{
    public const string Extension = ".index";
    private const string TemporaryExtension = ".tmp";
    private const long DefaultMaxBytes = 4L << 30;

    private const UnixFileMode OwnFile = UnixFileMode.UserRead;
    private const UnixFileMode OwnDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>What a process that died while it wrote has left is old by then.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    /// <summary>Whether indices are kept of archives, too, that open in a moment without.</summary>
    public bool KeepsAll { get; } = keepsAll;

    /// <summary>The folder that the option names; null for none.</summary>
    /// <exception cref="SourceException">It names nothing.</exception>
    public static IndexFolder? FromOption(string? value) => value switch
    {
        null or "auto" => UserFolders.Cache is { } cache ? new IndexFolder(Path.Combine(cache, "index"), keepsAll: false) : null,
        "none" => null,
        "" => throw new SourceException("index=: a directory, auto or none") { IsUsageError = true },
        _ => new IndexFolder(Path.GetFullPath(value), keepsAll: true),
    };

    /// <summary>The path of the file with a name.</summary>
    public string GetPath(string name) => Path.Combine(path, name + Extension);

    /// <summary>Opens a file of it that nobody but this user can have written; null if there is none.</summary>
    public static SafeFileHandle? TryOpen(string file, FileReader files)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (files.GetIdentity(handle).IsOwn && (File.GetUnixFileMode(handle) & OthersWrite) == 0)
            {
                return handle;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // There is none, or none to be had.
        }
        handle?.Dispose();
        return null;
    }

    /// <summary>Writes a file: under another name first, so that the name leads to the old one or to the whole new one whatever happens.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Write(string file, Action<Stream> write)
    {
        Directory.CreateDirectory(path, OwnDirectory);
        string temporary = $"{file}.{Guid.NewGuid():N}{TemporaryExtension}";
        try
        {
            using (FileStream stream = new(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                BufferSize = 64 << 10,
                UnixCreateMode = OwnFile,
            }))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
        Trim(file);
    }

    /// <summary>Removes a file, if that can be done.</summary>
    public static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever may write here will replace it.
        }
    }

    /// <summary>Removes what was left unfinished long ago, and what was not read for the longest time while there is too much.</summary>
    private void Trim(string newest)
    {
        DirectoryInfo folder = new(path);
        foreach (FileInfo abandoned in folder.EnumerateFiles("*" + TemporaryExtension).Where(file => DateTime.UtcNow - file.LastWriteTimeUtc > Abandoned))
        {
            TryDelete(abandoned.FullName);
        }
        List<FileInfo> files = [.. folder.EnumerateFiles("*" + Extension).OrderBy(LastUse)];
        long total = files.Sum(file => file.Length);
        foreach (FileInfo oldest in files.Where(file => file.FullName != newest).TakeWhile(file => total > maxBytes))
        {
            TryDelete(oldest.FullName);
            total -= oldest.Length;
        }
    }

    /// <summary>To the day, as the kernel keeps access times.</summary>
    private static DateTime LastUse(FileInfo file) => file.LastAccessTimeUtc > file.LastWriteTimeUtc ? file.LastAccessTimeUtc : file.LastWriteTimeUtc;
}
