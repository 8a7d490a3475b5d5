namespace Kaleidofs;

/// <summary>What holds for a filesystem as a whole, told once and never changing while it is open.</summary>
public sealed record FileSystemInfo
{
    /// <summary>
    /// The source's identity (archive: size, mtime and digest of its directory; S3: ETag; git: commit):
    /// equal only if every byte and name is. What was saved under another identity is refused. Empty for a live source.
    /// </summary>
    public string Identity { get; init; } = "";

    /// <summary>Nothing in it ever changes: names, attributes and content may be cached for ever, and absent names too.</summary>
    public bool IsImmutable { get; init; }

    /// <summary>Every writing operation answers EROFS.</summary>
    public bool IsReadOnly { get; init; } = true;

    /// <summary>
    /// Opens keep no state: read and list work with any handle, so the kernel need not send OPEN and
    /// OPENDIR at all (FUSE_NO_OPEN_SUPPORT, FUSE_NO_OPENDIR_SUPPORT).
    /// </summary>
    public bool IsStateless { get; init; }

    /// <summary>Whether <see cref="FileSystem.GetParentAsync"/> works, which NFS export needs.</summary>
    public bool KnowsParents { get; init; }
}
