namespace Kaleidofs;

/// <summary>Where a listing's entries go. Valid until the operation's task completes.</summary>
public abstract class DirectoryWriter
{
    /// <summary>
    /// Whether each entry is also a lookup (READDIRPLUS). A driver that counts lookups counts one for
    /// every entry that <see cref="TryAdd"/> accepted. Otherwise only inode and type of an entry are used.
    /// </summary>
    public abstract bool IncludesLookup { get; }

    /// <summary>Adds an entry, or returns false when the caller's buffer is full: then stop, and return success.</summary>
    /// <param name="name">The name; not '.' or '..', which the engine adds.</param>
    /// <param name="nextCookie">The position after this entry: what a later list call passes to go on. Not 0, below 2^62.</param>
    /// <param name="entry">What the name leads to.</param>
    public abstract bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry);
}
