using System.Diagnostics.CodeAnalysis;

namespace Kaleidofs;

/// <summary>The outcome of an operation: a value, or the <see cref="Kaleidofs.Errno"/> that says why there is none.</summary>
/// <typeparam name="T">The value's type.</typeparam>
[SuppressMessage("Usage", "CA2225", Justification = "The constructors are the named alternates.")]
public readonly struct Result<T>
{
    /// <summary>A success.</summary>
    public Result(in T value) => Value = value;

    /// <summary>A failure; <paramref name="errno"/> is not <see cref="Errno.None"/>.</summary>
    public Result(Errno errno)
    {
        Errno = errno;
        Value = default!;
    }

    /// <summary><see cref="Errno.None"/> for a success.</summary>
    public readonly Errno Errno;

    /// <summary>The value; only meaningful for a success. A field, so that a member of a large value is read in place.</summary>
    public readonly T Value;

    /// <summary>Whether there is a value.</summary>
    public bool IsOk => Errno == Errno.None;

    /// <summary>A success from its value.</summary>
    public static implicit operator Result<T>(in T value) => new(in value);

    /// <summary>A failure from its errno.</summary>
    public static implicit operator Result<T>(Errno errno) => new(errno);
}
