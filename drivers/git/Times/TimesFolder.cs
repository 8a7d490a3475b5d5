using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Git.Times;

#pragma warning disable CA1416 // Modes of Unix: the host is a program for Linux.

/// <summary>Where times are kept from one process to the next, by the commits' names: a commit never changes, and neither does its history.</summary>
internal sealed class TimesFolder(string path, FileReader files)
{
    private const string Extension = ".times";
    private const string TemporaryExtension = ".tmp";
    private const long MaxFile = 256 << 20;
    private const long MaxBytes = 512 << 20;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>The times that an earlier process kept, if nobody but this user can have written them.</summary>
    public PathTimes? TryLoad(string commit)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(GetPath(commit));
            long length = RandomAccess.GetLength(file);
            if (!files.GetIdentity(file).IsOwn || (File.GetUnixFileMode(file) & OthersWrite) != 0 || length > MaxFile)
            {
                return null;
            }
            byte[] bytes = new byte[length];
            Objects.CachedFile.ReadExactly(file, bytes, 0);
            return PathTimes.Parse(bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Objects.DamageException)
        {
            return null;
        }
    }

    /// <summary>Keeps times; what was written first goes when there is too much.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be written.</exception>
    public void Save(string commit, PathTimes times)
    {
        byte[] bytes = times.ToBytes();
        if (bytes.Length > MaxFile)
        {
            return;
        }
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // Under another name first: whatever happens, the name leads to all of it or to nothing.
        string temporary = $"{GetPath(commit)}.{Guid.NewGuid():N}{TemporaryExtension}";
        try
        {
            using (FileStream stream = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, GetPath(commit), overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        Trim();
    }

    private void Trim()
    {
        long total = 0;
        foreach (FileInfo file in new DirectoryInfo(path).EnumerateFiles().OrderByDescending(file => file.LastWriteTimeUtc))
        {
            bool isAbandoned = file.Name.EndsWith(TemporaryExtension, StringComparison.Ordinal) && DateTime.UtcNow - file.LastWriteTimeUtc > TimeSpan.FromHours(1);
            total += file.Length;
            if (isAbandoned || (total > MaxBytes && file.Name.EndsWith(Extension, StringComparison.Ordinal)))
            {
                file.Delete();
            }
        }
    }

    private string GetPath(string commit) => Path.Combine(path, commit + Extension);
}
