using System.Globalization;
using System.Text;
using System.Text.Json;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Host.Configuration;

/// <summary>Reads a configuration file and checks all that can be checked before anything is opened.</summary>
internal static class ConfigurationReader
{
    private const string HostKeys = "shares, driver-path, cache-size, disk-cache, disk-cache-dir, log-level, sandbox, metrics, control-socket";
    private const string ShareKeys = "name, source, socket-path, socket-group, tag, queues, mount, readonly, trace, options, translate-uid, translate-gid";

    /// <exception cref="SourceException">It cannot be read, or says something that means nothing.</exception>
    public static HostConfiguration Read(string path)
    {
        HostConfiguration? configuration;
        try
        {
            using FileStream file = File.OpenRead(path);
            configuration = JsonSerializer.Deserialize(file, ConfigurationJson.Default.HostConfiguration);
        }
        catch (JsonException exception)
        {
            string line = exception.LineNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $"line {number + 1}: ") : "";
            // The message of a failed conversion names a type of this program; its path is what the user wrote.
            throw Invalid(path, line + (exception.Message.Contains(nameof(Kaleidofs), StringComparison.Ordinal) || exception.Message.Contains("System.", StringComparison.Ordinal)
                ? $"{exception.Path}: the value is of the wrong kind"
                : exception.Message.Split(" Path: ")[0]));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SourceException($"cannot read the configuration {path}: no such file") { IsUsageError = true };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"cannot read the configuration {path}: {exception.Message}", exception) { IsUsageError = true };
        }
        if (configuration is null)
        {
            throw Invalid(path, "it is null; write an object with 'shares'");
        }
        if (configuration.Unknown.Count > 0)
        {
            throw Invalid(path, $"unknown key '{configuration.Unknown.Keys.First()}'; known: {HostKeys}");
        }
        return configuration;
    }

    /// <summary>The shares that a configuration describes.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="path">Its file, for messages.</param>
    /// <exception cref="SourceException">A share makes no sense, or two want the same.</exception>
    public static IReadOnlyList<ShareSettings> ReadShares(HostConfiguration configuration, string path)
    {
        if (configuration.Shares.Count == 0)
        {
            throw Invalid(path, "it has no shares; add one: \"shares\": [{ \"source\": \"archive:x.zip\", \"mount\": \"/mnt\" }]");
        }
        List<ShareSettings> shares = [];
        for (int i = 0; i < configuration.Shares.Count; i++)
        {
            shares.Add(ReadShare(configuration.Shares[i], path, string.Create(CultureInfo.InvariantCulture, $"shares[{i}]")));
        }
        RefuseDuplicates(path, "name", shares.Select(share => share.Name));
        RefuseDuplicates(path, "socket-path", shares.Select(share => share.SocketPath));
        RefuseDuplicates(path, "mount", shares.Select(share => share.Mountpoint));
        return shares;
    }

    private static ShareSettings ReadShare(ShareConfiguration share, string path, string where)
    {
        if (share.Unknown.Count > 0)
        {
            throw Invalid(path, $"{where}: unknown key '{share.Unknown.Keys.First()}'; known: {ShareKeys}");
        }
        if (string.IsNullOrEmpty(share.Source))
        {
            throw Invalid(path, $"{where}: 'source' is missing");
        }
        if (share.SocketPath is null == share.Mount is null)
        {
            throw Invalid(path, $"{where}: give either 'socket-path' (for a virtual machine) or 'mount' (on this machine)");
        }
        if (share.Mount is not null && (share.SocketGroup ?? share.Tag ?? share.Queues as object) is not null)
        {
            throw Invalid(path, $"{where}: 'socket-group', 'tag' and 'queues' belong to 'socket-path', not to 'mount'");
        }
        if (share.Queues is < 1 or > ShareSettings.MaxQueues)
        {
            throw Invalid(path, $"{where}: 'queues' is a number from 1 to {ShareSettings.MaxQueues}");
        }
        if (share.Tag is not null && Encoding.UTF8.GetByteCount(share.Tag) is 0 or > ShareSettings.MaxTagBytes)
        {
            throw Invalid(path, $"{where}: 'tag' has 1 to {ShareSettings.MaxTagBytes} bytes");
        }
        return new ShareSettings
        {
            Name = share.Name ?? share.Source,
            Source = share.Source,
            SocketPath = share.SocketPath,
            SocketGroup = share.SocketGroup,
            Tag = share.Tag,
            Queues = share.Queues,
            Mountpoint = share.Mount,
            IsReadOnly = share.Readonly,
            IsTraced = share.Trace,
            Options = share.Options.ToDictionary(option => option.Key, option => Text(path, where, option.Key, option.Value)),
            TranslateUid = share.TranslateUid,
            TranslateGid = share.TranslateGid,
        };
    }

    private static string Text(string path, string where, string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        // A switch is written without a value on the command line.
        JsonValueKind.True => "",
        JsonValueKind.False => "no",
        _ => throw Invalid(path, $"{where}: option '{name}' is a text, a number, true or false"),
    };

    private static void RefuseDuplicates(string path, string key, IEnumerable<string?> values)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string? value in values)
        {
            if (value is not null && !seen.Add(value))
            {
                throw Invalid(path, $"two shares have the {key} '{value}'; give each its own");
            }
        }
    }

    private static SourceException Invalid(string path, string what) => new($"invalid configuration {path}: {what}") { IsUsageError = true };
}
