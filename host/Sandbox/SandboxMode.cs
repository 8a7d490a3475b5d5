namespace Kaleidofs.Host.Sandbox;

/// <summary>How far the process confines itself: <c>--sandbox</c>.</summary>
internal enum SandboxMode
{
    /// <summary>As far as the kernel can.</summary>
    Auto,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>The modes as users write them.</summary>
internal static class SandboxModes
{
    public const string Known = "auto or none";

    /// <exception cref="SourceException">There is no such mode.</exception>
    public static SandboxMode Parse(string option, string? text) => text switch
    {
        null or "auto" => SandboxMode.Auto,
        "none" => SandboxMode.None,
        _ => throw new SourceException($"invalid {option} '{text}': it takes {Known}") { IsUsageError = true },
    };
}
