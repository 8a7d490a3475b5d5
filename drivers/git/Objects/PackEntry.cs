namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>What stands before an entry's content in a pack.</summary>
/// <param name="Kind">The object's kind, or a delta's.</param>
/// <param name="Size">Bytes of the inflated content: of a delta, those of its instructions.</param>
/// <param name="Offset">Where the entry begins.</param>
/// <param name="ContentOffset">Where its content begins.</param>
/// <param name="BaseOffset">Where the base of a delta begins.</param>
internal readonly record struct PackEntry(ObjectKind Kind, long Size, long Offset, long ContentOffset, long BaseOffset)
{
    public bool IsDelta => Kind >= ObjectKind.OffsetDelta;
}
