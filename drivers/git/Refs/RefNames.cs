namespace Kaleidofs.Drivers.Git.Refs;

/// <summary>Where refs are, and which names can be one's.</summary>
internal static class RefNames
{
    public const string Head = "HEAD";
    public const string Branches = "refs/heads/";
    public const string Tags = "refs/tags/";
    public const string Remotes = "refs/remotes/";

    /// <summary>Where a short name is looked for, in git's order (gitrevisions).</summary>
    public static IEnumerable<string> Expand(string name)
        => [name, $"refs/{name}", Tags + name, Branches + name, Remotes + name, $"{Remotes}{name}/{Head}"];

    /// <summary>Whether each worktree has its own of the name (git-worktree, "refs").</summary>
    public static bool IsOfWorktree(string name)
        => !name.StartsWith("refs/", StringComparison.Ordinal)
        || name.StartsWith("refs/worktree/", StringComparison.Ordinal)
        || name.StartsWith("refs/bisect/", StringComparison.Ordinal)
        || name.StartsWith("refs/rewritten/", StringComparison.Ordinal);

    /// <summary>Whether git would take it for a ref's name (git-check-ref-format): a path below the repository that leads nowhere else.</summary>
    public static bool IsValid(string name)
        => name.Length > 0
        && !name.EndsWith('/')
        && name.Split('/').All(part => part.Length > 0 && part[0] != '.' && !part.EndsWith('.') && !part.EndsWith(".lock", StringComparison.Ordinal))
        && !name.Contains("..", StringComparison.Ordinal)
        && !name.Contains("@{", StringComparison.Ordinal)
        && !name.Any(character => character is <= ' ' or '\x7f' or '~' or '^' or ':' or '?' or '*' or '[' or '\\' or '\ufffd');
}
