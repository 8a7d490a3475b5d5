namespace Kaleidofs.Host.Monitoring;

/// <summary>Where running processes can be asked: a socket each, named by process id, in a directory of the user's own.</summary>
internal static class ControlSocket
{
    private const string DirectoryName = "kaleidofs";
    private const string Extension = ".sock";
    private const string SystemDirectory = "/run/" + DirectoryName;

    /// <summary>The usual place of this process's own; null where a user has no such directory.</summary>
    public static string? UsualPath => OwnDirectory is { } directory ? Path.Combine(directory, $"{Environment.ProcessId}{Extension}") : null;

    /// <summary>$XDG_RUNTIME_DIR/kaleidofs, or /run/kaleidofs for root.</summary>
    private static string? OwnDirectory => Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is ['/', ..] runtime
        ? Path.Combine(runtime, DirectoryName)
        : Environment.IsPrivilegedProcess ? SystemDirectory : null;

    /// <summary>Makes the directory of <see cref="UsualPath"/>, for this user alone.</summary>
    /// <returns>Why not; null if it is there.</returns>
    public static string? CreateDirectory()
    {
        try
        {
#pragma warning disable CA1416 // The host is a program for Linux.
            _ = OwnDirectory is { } directory ? Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute) : null;
#pragma warning restore CA1416
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    /// <summary>The sockets in all places that this user may look at, with the process ids that they are named by. Some may be left by processes that are gone.</summary>
    public static IReadOnlyList<(int ProcessId, string Path)> Find()
    {
        HashSet<string> directories = [SystemDirectory];
        if (OwnDirectory is { } own)
        {
            directories.Add(own);
        }
        if (Environment.IsPrivilegedProcess && Directory.Exists("/run/user"))
        {
            directories.UnionWith(Directory.EnumerateDirectories("/run/user").Select(user => Path.Combine(user, DirectoryName)));
        }
        List<(int, string)> found = [];
        foreach (string directory in directories)
        {
            try
            {
                foreach (string path in Directory.EnumerateFiles(directory, "*" + Extension))
                {
                    if (int.TryParse(Path.GetFileNameWithoutExtension(path), out int id))
                    {
                        found.Add((id, path));
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Not there, or another user's.
            }
        }
        found.Sort();
        return found;
    }
}
