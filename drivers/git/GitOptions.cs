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
    public static GitOptions Parse(IReadOnlyDictionary<string, string> given)
    {
        OptionReader options = new(given);
        return new GitOptions
        {
            ShowsLastChanges = options.GetOneOf("mtime", "commit", "last-change") == "last-change",
            ResolvesLfs = options.IsOn("lfs"),
            TimesFolder = options.GetText("times") switch
            {
                "none" => null,
                null => UserFolders.Cache is { } cache ? Path.Combine(cache, "git-times") : null,
                "" => throw OptionReader.Invalid("times", "", "name a directory, or write none"),
                _ => options.GetFolder("times"),
            },
        };
    }
}
