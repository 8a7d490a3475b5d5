namespace Kaleidofs;

/// <summary>What a name leads to: an inode with its attributes, and how long both may be cached.</summary>
public struct Entry
{
    /// <summary>The attributes; <c>Attributes.Inode</c> 0 makes this a negative entry: the name does not exist, and that may be cached for <see cref="NameTime"/>.</summary>
    public Attributes Attributes;
    /// <summary>Tells two lives of one inode number apart; 0 where numbers are never reused.</summary>
    public ulong Generation;
    /// <summary>How long the name may be cached.</summary>
    public CacheTime NameTime;
    /// <summary>How long the attributes may be cached.</summary>
    public CacheTime AttributeTime;
}
