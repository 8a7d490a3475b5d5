namespace Kaleidofs.Drivers.Llm.Definitions;

/// <summary>What a file's content has to be.</summary>
internal enum FileForm
{
    Text,
    Code,
    Csv,
    Json,
    Svg,
    /// <summary>A picture that is drawn here, from a description.</summary>
    Png,
}
