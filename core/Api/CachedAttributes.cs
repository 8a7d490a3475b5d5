namespace Kaleidofs;

/// <summary>Attributes, and how long they may be cached.</summary>
/// <param name="attributes">The attributes.</param>
/// <param name="time">How long they hold.</param>
public readonly struct CachedAttributes(in Attributes attributes, CacheTime time)
{
    /// <summary>The attributes.</summary>
    public readonly Attributes Attributes = attributes;
    /// <summary>How long they may be cached.</summary>
    public readonly CacheTime Time = time;
}
