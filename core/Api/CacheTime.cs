namespace Kaleidofs;

/// <summary>How long a guest may use a name or attributes without asking again. There is no way to take it back: a virtio-fs guest hears nothing from the server.</summary>
/// <param name="Milliseconds">The time; <see cref="uint.MaxValue"/> is for ever.</param>
public readonly record struct CacheTime(uint Milliseconds)
{
    /// <summary>Ask every time.</summary>
    public static CacheTime None => new(0);
    /// <summary>Never ask again: the source cannot change.</summary>
    public static CacheTime Forever => new(uint.MaxValue);
    /// <summary>From seconds, at most 49 days.</summary>
    public static CacheTime FromSeconds(double seconds) => new((uint)Math.Clamp(seconds * 1000, 0, uint.MaxValue - 1));
}
