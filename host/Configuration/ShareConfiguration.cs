using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kaleidofs.Host.Configuration;

/// <summary>One of a configuration's shares.</summary>
internal sealed record ShareConfiguration
{
    /// <summary>What the log calls it; the source if absent.</summary>
    public string? Name { get; set; }

    /// <summary>scheme:rest, or a path.</summary>
    public string? Source { get; set; }

    /// <summary>The vhost-user socket to listen on.</summary>
    public string? SocketPath { get; set; }

    /// <summary>The group that may connect.</summary>
    public string? SocketGroup { get; set; }

    /// <summary>The tag that the device announces.</summary>
    public string? Tag { get; set; }

    /// <summary>The most request queues.</summary>
    public int? Queues { get; set; }

    /// <summary>The directory of this machine to mount on.</summary>
    public string? Mount { get; set; }

    /// <summary>Answer every change with EROFS.</summary>
    public bool Readonly { get; set; }

    /// <summary>Write each operation down.</summary>
    public bool Trace { get; set; }

    /// <summary>What <c>-o</c> takes; texts, numbers, true and false.</summary>
    public Dictionary<string, JsonElement> Options { get; set; } = [];

    /// <summary>UID maps.</summary>
    public IReadOnlyList<string> TranslateUid { get; set; } = [];

    /// <summary>GID maps.</summary>
    public IReadOnlyList<string> TranslateGid { get; set; } = [];

    /// <summary>Keys that mean nothing: refused by name.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Unknown { get; set; } = [];
}
