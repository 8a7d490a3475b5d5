using System.Runtime.CompilerServices;

namespace Kaleidofs.Tests.Posix;

/// <summary>The checks of a case. A call's result is negative when it failed: then it is the negated errno.</summary>
internal static class Check
{
    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new CheckFailedException($"{what} is {actual}, expected {expected}");
    }

    public static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition)
            throw new CheckFailedException($"not true: {what}");
    }

    /// <summary>The call succeeded; its result.</summary>
    public static long Succeeds(long result, [CallerArgumentExpression(nameof(result))] string what = "") =>
        result >= 0 ? result : throw new CheckFailedException($"{what} failed with {Errno.Name(-result)}");

    /// <summary>The call failed, with one of these.</summary>
    public static void Fails(long result, ReadOnlySpan<int> expected, [CallerArgumentExpression(nameof(result))] string what = "")
    {
        if (result >= 0)
            throw new CheckFailedException($"{what} succeeded, expected {Errno.Name(expected[0])}");
        if (!expected.Contains((int)-result))
            throw new CheckFailedException($"{what} failed with {Errno.Name(-result)}, expected {Errno.Name(expected[0])}");
    }

    public static void Fails(long result, int expected, [CallerArgumentExpression(nameof(result))] string what = "") =>
        Fails(result, [expected], what);
}
