namespace Kaleidofs.Protocol;

/// <summary>Takes NUL-ended strings out of a request's body, and checks what a name may be.</summary>
internal static class NameParser
{
    /// <summary>The longest string of any request: a symbolic link's target or a path (PATH_MAX).</summary>
    public const int MaxStringLength = 4096;

    /// <summary>Splits off the first NUL-ended string; false if there is no NUL.</summary>
    public static bool TryTake(ref ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> value)
    {
        int end = body.Span.IndexOf((byte)0);
        if (end < 0)
        {
            value = default;
            return false;
        }
        value = body[..end];
        body = body[(end + 1)..];
        return true;
    }

    /// <summary>What is wrong with a string that is no name in a directory: an attribute's name, a link's target.</summary>
    /// <remarks>A request of two strings has room for one that is longer than either may be.</remarks>
    public static Errno CheckText(ReadOnlySpan<byte> text) => text.Length > MaxStringLength ? Errno.ENAMETOOLONG : Errno.None;

    /// <summary>What is wrong with a name in a directory, if anything. '.' and '..' are names only for LOOKUP, which asks before.</summary>
    public static Errno Check(ReadOnlySpan<byte> name)
    {
        if (name.Length > FileSystem.MaxNameLength)
        {
            return Errno.ENAMETOOLONG;
        }
        return name.IsEmpty || IsDots(name) || name.Contains((byte)'/') ? Errno.EINVAL : Errno.None;
    }

    public static bool IsDots(ReadOnlySpan<byte> name) => name.SequenceEqual("."u8) || name.SequenceEqual(".."u8);
}
