namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>A part of a file's content.</summary>
/// <param name="Start">Where it stands in the archive.</param>
/// <param name="Length">How many bytes it has.</param>
internal readonly record struct RangePiece(long Start, long Length)
{
    /// <summary>The byte after its last.</summary>
    public long End => Start + Length;
}
