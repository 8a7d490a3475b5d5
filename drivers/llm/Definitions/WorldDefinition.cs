using Kaleidofs.Drivers.Llm.Generating;

namespace Kaleidofs.Drivers.Llm.Definitions;

/// <summary>What a world is to be: a premise alone, or what world.toml says.</summary>
internal sealed record WorldDefinition
{
    public required string Premise { get; init; }

    public string Style { get; init; } = "";

    public string Language { get; init; } = "";

    /// <summary>Tells worlds of one premise apart.</summary>
    public string Seed { get; init; } = "";

    public IReadOnlyList<FixedEntry> Entries { get; init; } = [];

    public IReadOnlyList<FileKind> Kinds { get; init; } = [];

    public Limits Limits { get; init; } = new();

    /// <summary>The model's name; null for the provider's usual one.</summary>
    public string? Model { get; init; }

    public float? Temperature { get; init; }

    /// <summary>Price of a million tokens of prompts.</summary>
    public decimal InputPrice { get; init; }

    /// <summary>Price of a million tokens of answers.</summary>
    public decimal OutputPrice { get; init; }

    /// <summary>
    /// What tells the world from others. Limits, kinds, prices and the model may change: what was generated stays, and what is not there yet
    /// comes as they say then.
    /// </summary>
    public string Identity => string.Join('\0', Premise, Style, Language, Seed);

    public FileKind GetKind(string name)
    {
        FileKind usual = FileKind.Of(name);
        return Kinds.FirstOrDefault(kind => kind.Matches(name)) ?? usual;
    }

    /// <summary>The fixed entries that stand in a directory itself, the directories that only deeper ones need among them.</summary>
    /// <param name="directory">Its path, without slashes at its ends.</param>
    public IEnumerable<FixedEntry> GetEntriesOf(string directory)
    {
        HashSet<string> seen = [];
        string prefix = directory.Length == 0 ? "" : directory + "/";
        foreach (FixedEntry entry in Entries.Where(entry => entry.Path.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(entry => entry.Path.Count(character => character == '/')))
        {
            string rest = entry.Path[prefix.Length..];
            int slash = rest.IndexOf('/', StringComparison.Ordinal);
            string name = slash < 0 ? rest : rest[..slash];
            if (name.Length > 0 && seen.Add(name))
            {
                yield return slash < 0 ? entry : new FixedEntry(prefix + name, IsDirectory: true, null, "");
            }
        }
    }
}
