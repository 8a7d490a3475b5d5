using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git;

/// <summary>What of a repository's config says how to read it (gitrepository-layout, "format version"). What is not known is refused, as git does.</summary>
internal sealed class RepositoryConfig
{
    private static readonly string[] Harmless = ["noop", "preciousobjects", "worktreeconfig", "relativeworktrees"];

    public ObjectFormat Format { get; private init; } = ObjectFormat.Sha1;

    /// <summary>Some objects are only at the remote.</summary>
    public bool IsPartial { get; private init; }

    /// <summary>Refs are in reftables, not in files of their own.</summary>
    public bool HasReftables { get; private init; }

    /// <exception cref="SourceException">The repository is of a kind that is not read here.</exception>
    public static RepositoryConfig Read(string directory, string source)
    {
        string path = Path.Combine(directory, "config");
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (FileNotFoundException)
        {
            return new RepositoryConfig();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"{path}: cannot be read: {exception.Message}", exception);
        }
        ConfigEntry[] entries = [.. ConfigText.Parse(text)];
        string version = entries.LastOrDefault(entry => entry is { Section: "core", Subsection: null, Key: "repositoryformatversion" }).Value ?? "0";
        if (version is not ("0" or "1"))
        {
            throw new SourceException($"{source}: a repository of format version {version}, which is not known here (0 and 1 are)");
        }
        ObjectFormat? format = ObjectFormat.Sha1;
        bool isPartial = false;
        bool hasReftables = false;
        foreach ((string section, string? subsection, string name, string value) in entries)
        {
            if (section != "extensions" || subsection is not null)
            {
                isPartial |= section == "remote" && name == "promisor" && value is ("true" or "yes" or "on" or "1");
                continue;
            }
            switch (name)
            {
                case "partialclone":
                    isPartial = true;
                    break;
                case "objectformat":
                    format = ObjectFormat.Find(value.ToLowerInvariant()) ?? throw new SourceException($"{source}: objects are named by {value}, which is not known here (sha1 and sha256 are)");
                    break;
                case "refstorage" when value == "files":
                    break;
                case "refstorage" when value == "reftable":
                    hasReftables = true;
                    break;
                case "refstorage":
                    throw new SourceException($"{source}: its refs are kept as '{value}', which is not read here; 'git refs migrate --ref-format=files' converts them");
                default:
                    if (version == "1" && !Harmless.Contains(name))
                    {
                        throw new SourceException($"{source}: the repository's extension '{name}' is not known here, so that it is not read");
                    }
                    break;
            }
        }
        return new RepositoryConfig { Format = format, IsPartial = isPartial, HasReftables = hasReftables };
    }
}
