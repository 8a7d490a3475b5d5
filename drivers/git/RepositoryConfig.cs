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
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (FileNotFoundException)
        {
            return new RepositoryConfig();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"{path}: cannot be read: {exception.Message}", exception);
        }
        Dictionary<string, string> values = Parse(lines);
        string version = values.GetValueOrDefault("core.repositoryformatversion", "0");
        if (version is not ("0" or "1"))
        {
            throw new SourceException($"{source}: a repository of format version {version}, which is not known here (0 and 1 are)");
        }
        ObjectFormat? format = ObjectFormat.Sha1;
        bool isPartial = false;
        bool hasReftables = false;
        foreach ((string key, string value) in values)
        {
            if (!key.StartsWith("extensions.", StringComparison.Ordinal))
            {
                isPartial |= key.StartsWith("remote ", StringComparison.Ordinal) && key.EndsWith(".promisor", StringComparison.Ordinal) && value == "true";
                continue;
            }
            string name = key["extensions.".Length..];
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

    private static Dictionary<string, string> Parse(string[] lines)
    {
        Dictionary<string, string> values = [];
        string section = "";
        foreach (string raw in lines)
        {
            string line = raw.Trim();
            if (line.StartsWith('['))
            {
                int end = line.IndexOf(']', StringComparison.Ordinal);
                section = end < 0 ? "" : line[1..end].Trim().ToLowerInvariant();
                line = end < 0 ? "" : line[(end + 1)..].Trim();
            }
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue;
            }
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            string key = (equals < 0 ? line : line[..equals]).Trim().ToLowerInvariant();
            string value = equals < 0 ? "true" : line[(equals + 1)..].Split('#', ';')[0].Trim().Trim('"');
            values[$"{section}.{key}"] = value;
        }
        return values;
    }
}
