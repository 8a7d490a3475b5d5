using System.Globalization;
using System.Text;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Drivers.Archive.Zip;

namespace Kaleidofs.Drivers.Archive.Composing;

/// <summary>What <c>-o</c> says of an archive.</summary>
internal sealed record ArchiveOptions
{
    /// <summary>Which stored zip entries are checked before they are served.</summary>
    public StoredVerification Verification { get; private init; }

    /// <summary>Where indices are kept; null for nowhere.</summary>
    public IndexFolder? Index { get; private init; }

    /// <summary>Which streams' blocks are kept on disk.</summary>
    public TranscodeMode Transcode { get; init; }

    /// <summary>Opens encrypted entries; null if there is none.</summary>
    public ArchivePassword? Password { get; private init; }

    /// <summary>The directory that is the root, as the user wrote it; empty for all of the archive.</summary>
    public string Directory { get; private init; } = "";

    /// <summary>Its components.</summary>
    public byte[][] Root => [.. Directory.Split('/').Where(part => part is not ("" or ".")).Select(Encoding.UTF8.GetBytes)];

    /// <summary>How many leading components are dropped.</summary>
    public int Strip { get; private init; }

    /// <summary>Archives to merge over the source.</summary>
    public IReadOnlyList<string> Union { get; private init; } = [];

    /// <summary>The further volumes of a tar.</summary>
    public IReadOnlyList<string> Volumes { get; private init; } = [];

    /// <summary>Whether archives within the archive are directories.</summary>
    public bool IsNested { get; private init; }

    /// <summary>Whether what lost its name to a later entry is shown.</summary>
    public bool ShowsVersions { get; private init; }

    /// <summary>Whether a listing may end with what is known, while more may come.</summary>
    public bool ListsParts { get; private init; }

    /// <summary>Whether the source is all that there is in the tree.</summary>
    public bool IsAlone => Union.Count == 0 && !IsNested;

    /// <summary>All that decides what a source that is alone shows, but the source.</summary>
    public string Describe(string scheme) => string.Create(CultureInfo.InvariantCulture, $"{scheme}\0{Strip}\0{Directory}{(ShowsVersions ? "\0versions" : "")}");

    /// <summary>Reads the options.</summary>
    /// <exception cref="SourceException">One has a value that it cannot have.</exception>
    public static ArchiveOptions Parse(IReadOnlyDictionary<string, string> options) => new()
    {
        Index = IndexFolder.FromOption(options.GetValueOrDefault("index")),
        Verification = GetVerification(options),
        Transcode = GetTranscodeMode(options),
        Password = ArchivePassword.From(options),
        Directory = GetDirectory(options),
        Strip = GetStrip(options),
        Union = GetPaths(options, "union"),
        Volumes = GetPaths(options, "volumes"),
        IsNested = new OptionReader(options).IsOn("nested"),
        ShowsVersions = new OptionReader(options).IsOn("versions"),
        ListsParts = options.GetValueOrDefault("listing", "whole") switch
        {
            "whole" => false,
            "known" => true,
            string other => throw Refuse($"listing={other}: one of whole and known"),
        },
    };

    private static StoredVerification GetVerification(IReadOnlyDictionary<string, string> options)
        => options.GetValueOrDefault("verify", "small") switch
        {
            "none" => StoredVerification.None,
            "small" => StoredVerification.Small,
            "all" => StoredVerification.All,
            string other => throw Refuse($"verify={other}: one of none, small and all"),
        };

    private static TranscodeMode GetTranscodeMode(IReadOnlyDictionary<string, string> options)
        => options.GetValueOrDefault("transcode", "auto") switch
        {
            "auto" => TranscodeMode.Auto,
            "on" => TranscodeMode.On,
            "off" => TranscodeMode.Off,
            string other => throw Refuse($"transcode={other}: one of auto, on and off"),
        };

    private static string GetDirectory(IReadOnlyDictionary<string, string> options)
    {
        string directory = options.GetValueOrDefault("subdir", "");
        return options.ContainsKey("subdir") && directory.Length == 0 ? throw Refuse("subdir: name a directory of the archive, as in subdir=usr/share")
            : directory.Split('/').Contains("..") ? throw Refuse($"subdir={directory}: no '..' in it")
            : directory;
    }

    private static int GetStrip(IReadOnlyDictionary<string, string> options)
    {
        const int Max = 1000;
        return !options.TryGetValue("strip", out string? text) ? 0
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= Max ? count
            : throw Refuse($"strip={text}: a number from 0 to {Max}");
    }

    /// <summary>A path that exists, or several with colons between them: what the sandbox makes of it, too.</summary>
    private static string[] GetPaths(IReadOnlyDictionary<string, string> options, string name)
    {
        if (!options.TryGetValue(name, out string? text))
        {
            return [];
        }
        string[] paths = Path.Exists(text) ? [text] : text.Split(':', StringSplitOptions.RemoveEmptyEntries);
        return paths.Length > 0 ? paths : throw Refuse($"{name}: name the archives, with colons between them");
    }

    private static SourceException Refuse(string message) => new(message) { IsUsageError = true };
}
