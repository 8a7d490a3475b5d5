namespace Kaleidofs.Drivers.Llm.Definitions;

/// <summary>An entry that a world has in any case.</summary>
/// <param name="Path">Its path from the root, without slashes at its ends.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="Text">A file's content, exactly; null if it is generated.</param>
/// <param name="Prompt">What a generated one is about.</param>
internal sealed record FixedEntry(string Path, bool IsDirectory, string? Text, string Prompt)
{
    public string Parent => Path.LastIndexOf('/') is var slash and >= 0 ? Path[..slash] : "";

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
