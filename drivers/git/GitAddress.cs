namespace Kaleidofs.Drivers.Git;

/// <summary><c>/repository</c>, <c>/repository@ref</c> or <c>/repository@ref:sub/directory</c>.</summary>
/// <param name="Path">The repository.</param>
/// <param name="Revision">What is to be the root, or null for all refs.</param>
/// <param name="Directory">The directory within it; empty for its root.</param>
internal sealed record GitAddress(string Path, string? Revision, string Directory)
{
    /// <summary>A path may have these signs, too: what exists counts.</summary>
    /// <exception cref="SourceException">There is no such path.</exception>
    public static GitAddress Parse(string source)
    {
        if (source.Length == 0)
        {
            throw new SourceException("git: names no repository; write git:/path/to/repository, or git:/path@branch") { IsUsageError = true };
        }
        for (string path = source; path.Length > 0;)
        {
            if (System.IO.Directory.Exists(path))
            {
                return Split(path, source[path.Length..], source);
            }
            int end = path.AsSpan().LastIndexOfAny("@:");
            path = end < 0 ? "" : path[..end];
        }
        int sign = source.AsSpan().IndexOfAny("@:");
        string missing = sign < 0 ? source : source[..sign];
        throw new SourceException(File.Exists(missing)
            ? $"{missing}: a file, not a repository; name the directory of one"
            : $"{missing}: no such directory; check the name");
    }

    private static GitAddress Split(string path, string rest, string source)
    {
        if (rest.Length == 0)
        {
            return new GitAddress(path, null, "");
        }
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        string revision = colon == 0 ? "" : rest[1..(colon < 0 ? rest.Length : colon)];
        if (rest[0] != '@' || revision.Length == 0)
        {
            throw new SourceException($"git:{source}: write git:{path}@REF:DIRECTORY, where REF is a branch, a tag or a commit") { IsUsageError = true };
        }
        return new GitAddress(path, revision, colon < 0 ? "" : rest[(colon + 1)..].Trim('/'));
    }
}
