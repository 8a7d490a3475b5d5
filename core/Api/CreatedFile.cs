namespace Kaleidofs;

/// <summary>A file that was created and opened in one step.</summary>
/// <param name="entry">What the new name leads to.</param>
/// <param name="file">The open handle.</param>
public readonly struct CreatedFile(in Entry entry, OpenedFile file)
{
    /// <summary>What the new name leads to.</summary>
    public readonly Entry Entry = entry;
    /// <summary>The open handle.</summary>
    public readonly OpenedFile File = file;
}
