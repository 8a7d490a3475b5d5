namespace Kaleidofs.Drivers.Llm;

/// <summary>Where earlier generations of files are kept: a directory beside them.</summary>
internal static class History
{
    public const string DirectoryName = ".history";
}
