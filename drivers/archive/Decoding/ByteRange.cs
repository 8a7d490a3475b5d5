namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Where encoded data stands.</summary>
/// <param name="File">The archive.</param>
/// <param name="Start">Its first byte.</param>
/// <param name="End">The byte after its last.</param>
internal readonly record struct ByteRange(ByteSource File, long Start, long End)
{
    /// <summary>All of a file.</summary>
    public static ByteRange Of(ByteSource file) => new(file, 0, file.Length);
}
