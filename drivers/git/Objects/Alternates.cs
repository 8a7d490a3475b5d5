namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>Other directories of objects that one borrows from (objects/info/alternates).</summary>
internal static class Alternates
{
    /// <summary>Their paths, absolute.</summary>
    public static IEnumerable<string> Read(string directory)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(directory, "info", "alternates"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
        return lines.Where(line => line.Length > 0 && line[0] != '#' && !line.Contains('\0', StringComparison.Ordinal)).Select(line => Path.GetFullPath(line, directory));
    }

    /// <summary>Why one cannot be used, or null.</summary>
    public static string? GetRefusal(string path)
    {
        try
        {
            _ = Directory.EnumerateFileSystemEntries(path).Any();
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return $"alternate {path}: permission denied, its objects are missing; a confined process reads only what it is told of, so name it: -o alternates={path}";
        }
        catch (IOException)
        {
            return $"alternate {path}: no such directory, its objects are missing";
        }
    }
}
