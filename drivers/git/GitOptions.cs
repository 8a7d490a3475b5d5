namespace Kaleidofs.Drivers.Git;

/// <summary>What the options of a share say.</summary>
internal sealed record GitOptions
{
    /// <summary>Whether a path has the time of the last commit that touched it (<c>-o mtime=last-change</c>).</summary>
    public bool ShowsLastChanges { get; init; }

    /// <summary>Where those times are kept (<c>-o times=</c>); null for nowhere.</summary>
    public string? TimesFolder { get; init; }

    /// <summary>Whether pointers of Git LFS are shown as the files that they lead to, where these are (<c>-o lfs</c>).</summary>
    public bool ResolvesLfs { get; init; }

    /// <exception cref="SourceException">A value is none.</exception>
    public static GitOptions Parse(IReadOnlyDictionary<string, string> given) => new()
    {
        ShowsLastChanges = given.GetValueOrDefault("mtime") switch
        {
            null or "commit" => false,
            "last-change" => true,
            var other => throw new SourceException($"mtime={other}: commit or last-change") { IsUsageError = true },
        },
        ResolvesLfs = given.GetValueOrDefault("lfs") switch
        {
            null or "off" => false,
            "" or "on" or "true" => true,
            var other => throw new SourceException($"lfs={other}: on or off") { IsUsageError = true },
        },
        TimesFolder = given.GetValueOrDefault("times") switch
        {
            "none" => null,
            { Length: > 0 } folder => Path.GetFullPath(folder),
            null => UserFolders.Cache is { } cache ? Path.Combine(cache, "git-times") : null,
            _ => throw new SourceException("times=: a directory, or none") { IsUsageError = true },
        },
    };
}
