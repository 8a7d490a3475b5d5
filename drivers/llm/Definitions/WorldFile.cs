using System.Text;
using Kaleidofs.Drivers.Llm.Chat;
using Kaleidofs.Drivers.Llm.Generating;
using Tomlyn;
using Tomlyn.Model;

namespace Kaleidofs.Drivers.Llm.Definitions;

/// <summary>Reads world.toml. Every key is known, or refused by name: a mistyped limit must not be no limit.</summary>
internal sealed class WorldFile
{
    private const int MaxLength = 4 << 20;

    private readonly string _path;

    private WorldFile(string path) => _path = path;

    /// <exception cref="SourceException">It cannot be read, or says what is not understood.</exception>
    public static WorldDefinition Read(string path) => new WorldFile(path).Read();

    private WorldDefinition Read()
    {
        TomlTable table = Parse();
        Refuse(table, "", "premise", "style", "language", "seed", "limits", "model", "entry", "kind");
        TomlTable limits = Table(table, "limits");
        Refuse(limits, "limits.", "depth", "entries", "file_bytes", "calls_per_hour", "tokens_per_hour", "calls", "tokens", "parallel", "prompt_tokens");
        TomlTable model = Table(table, "model");
        Refuse(model, "model.", "name", "temperature", "input_price", "output_price");
        Limits usual = new();
        return new WorldDefinition
        {
            Premise = Text(table, "", "premise") is { Length: > 0 } premise ? premise : throw Invalid("'premise' is missing: say in a sentence what the world is"),
            Style = Text(table, "", "style") ?? "",
            Language = Text(table, "", "language") ?? "",
            Seed = Text(table, "", "seed") ?? "",
            Entries = ReadEntries(table),
            Kinds = ReadKinds(table),
            Limits = new Limits
            {
                Depth = (int)Number(limits, "depth", 0, 64, usual.Depth),
                Entries = (int)Number(limits, "entries", 1, 10_000, usual.Entries),
                FileBytes = (int)Number(limits, "file_bytes", 1, 16 << 20, usual.FileBytes),
                CallsPerHour = (int)Number(limits, "calls_per_hour", 0, int.MaxValue, usual.CallsPerHour),
                TokensPerHour = Number(limits, "tokens_per_hour", 0, long.MaxValue, usual.TokensPerHour),
                Calls = Number(limits, "calls", 0, long.MaxValue, usual.Calls),
                Tokens = Number(limits, "tokens", 0, long.MaxValue, usual.Tokens),
                Parallel = (int)Number(limits, "parallel", 1, 64, usual.Parallel),
                PromptTokens = (int)Number(limits, "prompt_tokens", 500, 1_000_000, usual.PromptTokens),
            },
            Model = Text(model, "model.", "name"),
            Temperature = model.ContainsKey("temperature") ? (float)Fraction(model, "temperature", 2) : null,
            InputPrice = (decimal)Fraction(model, "input_price", 1e6),
            OutputPrice = (decimal)Fraction(model, "output_price", 1e6),
        };
    }

    private TomlTable Parse()
    {
        try
        {
            FileInfo file = new(_path);
            if (file.Exists && file.Length > MaxLength)
            {
                throw Invalid($"it has more than {MaxLength} bytes");
            }
            return TomlSerializer.Deserialize<TomlTable>(File.ReadAllText(_path, new UTF8Encoding(false, throwOnInvalidBytes: true))) ?? [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or TomlException or DecoderFallbackException)
        {
            throw new SourceException($"cannot read {_path}: {exception.Message}", exception);
        }
    }

    private List<FixedEntry> ReadEntries(TomlTable table)
    {
        List<FixedEntry> entries = [];
        foreach (TomlTable entry in Tables(table, "entry"))
        {
            Refuse(entry, "entry.", "path", "text", "prompt", "directory");
            string path = (Text(entry, "entry.", "path") ?? throw Invalid("an [[entry]] has no 'path'")).Trim('/');
            bool isDirectory = entry.TryGetValue("directory", out object? flag) && (flag as bool? ?? throw Invalid("'entry.directory' is not true or false"));
            string? text = Text(entry, "entry.", "text");
            if (path.Length == 0 || path.Split('/').Select(EntryName.FindProblem).FirstOrDefault(problem => problem is not null) is not null)
            {
                throw Invalid($"[[entry]] '{path}': its path has a name that no file can have");
            }
            if (isDirectory && text is not null)
            {
                throw Invalid($"[[entry]] '{path}': a directory has no text");
            }
            if (entries.Any(other => other.Path == path))
            {
                throw Invalid($"[[entry]] '{path}' stands there twice");
            }
            entries.Add(new FixedEntry(path, isDirectory, text, Text(entry, "entry.", "prompt") ?? ""));
        }
        if (entries.Find(entry => !entry.IsDirectory && entries.Exists(other => other.Path.StartsWith(entry.Path + "/", StringComparison.Ordinal))) is { } file)
        {
            throw Invalid($"[[entry]] '{file.Path}' is a file, and another entry is in it");
        }
        return entries;
    }

    private List<FileKind> ReadKinds(TomlTable table)
    {
        List<FileKind> kinds = [];
        foreach (TomlTable kind in Tables(table, "kind"))
        {
            Refuse(kind, "kind.", "pattern", "type", "prompt");
            string pattern = Text(kind, "kind.", "pattern") ?? throw Invalid("a [[kind]] has no 'pattern'");
            FileForm form = (Text(kind, "kind.", "type") ?? "text") switch
            {
                "text" => FileForm.Text,
                "code" => FileForm.Code,
                "csv" => FileForm.Csv,
                "json" => FileForm.Json,
                "svg" => FileForm.Svg,
                "png" => FileForm.Png,
                var other => throw Invalid($"[[kind]] '{pattern}': type '{other}' is not known; write text, code, csv, json, svg or png"),
            };
            kinds.Add(new FileKind(pattern, form, Text(kind, "kind.", "prompt") ?? ""));
        }
        return kinds;
    }

    private void Refuse(TomlTable table, string prefix, params ReadOnlySpan<string> known)
    {
        foreach (string key in table.Keys)
        {
            if (!known.Contains(key))
            {
                throw Invalid($"'{prefix}{key}' is not known; known here: {string.Join(", ", known.ToArray())}");
            }
        }
    }

    private TomlTable Table(TomlTable table, string key)
        => !table.TryGetValue(key, out object? value) ? [] : value as TomlTable ?? throw Invalid($"'{key}' is not a table; write [{key}]");

    private TomlTableArray Tables(TomlTable table, string key)
        => !table.TryGetValue(key, out object? value) ? [] : value as TomlTableArray ?? throw Invalid($"'{key}' is not a list of tables; write [[{key}]]");

    private string? Text(TomlTable table, string prefix, string key)
        => !table.TryGetValue(key, out object? value) ? null : value as string ?? throw Invalid($"'{prefix}{key}' is not a text; put it in quotes");

    private long Number(TomlTable table, string key, long least, long most, long otherwise)
        => !table.TryGetValue(key, out object? value) ? otherwise
            : value is long number && number >= least && number <= most ? number
            : throw Invalid($"'limits.{key}' is not a whole number from {least} to {most}");

    private double Fraction(TomlTable table, string key, double most)
        => !table.TryGetValue(key, out object? value) ? 0
            : (value is long whole ? whole : value as double?) is { } number && number >= 0 && number <= most ? number
            : throw Invalid($"'model.{key}' is not a number from 0 to {most}");

    private SourceException Invalid(string what) => new($"{_path}: {what}") { IsUsageError = true };
}
