using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kaleidofs.Host.Configuration;

/// <summary>The file of <c>kaleidofs host --config</c>. Its keys are the command line's option names.</summary>
internal sealed record HostConfiguration
{
    /// <summary>Further directories with drivers.</summary>
    public IReadOnlyList<string> DriverPath { get; set; } = [];

    /// <summary>Memory for decoded content.</summary>
    public string? CacheSize { get; set; }

    /// <summary>Disk for what is decoded only once.</summary>
    public string? DiskCache { get; set; }

    /// <summary>Where that is.</summary>
    public string? DiskCacheDir { get; set; }

    /// <summary>error, warning, info or debug.</summary>
    public string? LogLevel { get; set; }

    /// <summary>auto or none.</summary>
    public string? Sandbox { get; set; }

    /// <summary>Where metrics are served.</summary>
    public string? Metrics { get; set; }

    /// <summary>Where <c>kaleidofs status</c> asks.</summary>
    public string? ControlSocket { get; set; }

    /// <summary>What to serve.</summary>
    public IReadOnlyList<ShareConfiguration> Shares { get; set; } = [];

    /// <summary>Keys that mean nothing: refused by name.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Unknown { get; set; } = [];
}
