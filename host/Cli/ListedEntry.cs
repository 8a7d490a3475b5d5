namespace Kaleidofs.Host.Cli;

/// <summary>A name of a directory with its attributes.</summary>
/// <param name="Name">The name's bytes.</param>
/// <param name="Attributes">What it leads to.</param>
internal sealed record ListedEntry(byte[] Name, Attributes Attributes)
{
    /// <summary>The attributes hold for no time: whoever shows them asks for them.</summary>
    public bool IsProvisional { get; init; }
}
