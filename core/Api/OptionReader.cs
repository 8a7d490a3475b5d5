using System.Globalization;

namespace Kaleidofs;

/// <summary>Reads the values of a driver's <c>-o</c> options, and refuses what is none in one manner for all drivers.</summary>
/// <param name="given">The options, as in <see cref="DriverContext.Options"/>.</param>
public sealed class OptionReader(IReadOnlyDictionary<string, string> given)
{
    /// <summary>The value as it was written; null if it was not given.</summary>
    public string? GetText(string name) => given.GetValueOrDefault(name);

    /// <summary>Whether a switch is on: without a value it is.</summary>
    /// <exception cref="SourceException">The value is neither on nor off, nor any of their usual other names.</exception>
    public bool IsOn(string name, bool otherwise = false) => given.GetValueOrDefault(name) switch
    {
        null => otherwise,
        "" or "on" or "true" or "yes" or "1" => true,
        "off" or "false" or "no" or "0" => false,
        var value => throw Invalid(name, value, "write on or off"),
    };

    /// <summary>A whole number; null if it was not given.</summary>
    /// <exception cref="SourceException">It is no number, or not one from <paramref name="least"/> to <paramref name="most"/>.</exception>
    public long? GetNumber(string name, long least, long most)
        => given.GetValueOrDefault(name) is not { } value ? null
            : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most ? number
            : throw Invalid(name, value, $"not a whole number from {least} to {most}");

    /// <summary>A duration in seconds, with a fraction or without.</summary>
    /// <exception cref="SourceException">It is no number, less than <paramref name="least"/>, or more than 46 days.</exception>
    public TimeSpan GetSeconds(string name, double otherwise, double least)
        => given.GetValueOrDefault(name) is not { } value ? TimeSpan.FromSeconds(otherwise)
            : double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds >= least && seconds <= 4e6 ? TimeSpan.FromSeconds(seconds)
            : throw Invalid(name, value, string.Create(CultureInfo.InvariantCulture, $"not a number of seconds, {least} or more"));

    /// <summary>A number of bytes, or one with K, M, G or T (powers of 1,024).</summary>
    /// <exception cref="SourceException">It is none, or more than 2^63 - 1 bytes.</exception>
    public long GetSize(string name, long otherwise)
    {
        if (given.GetValueOrDefault(name) is not { } value)
        {
            return otherwise;
        }
        int shift = value.Length == 0 ? 0 : char.ToUpperInvariant(value[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        return long.TryParse(shift == 0 ? value : value[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= long.MaxValue >> shift
            ? number << shift
            : throw Invalid(name, value, "not a size; write a number of bytes, or one with K, M, G or T");
    }

    /// <summary>One of several words; null if it was not given.</summary>
    /// <exception cref="SourceException">It is another.</exception>
    public string? GetOneOf(string name, params ReadOnlySpan<string> words)
        => given.GetValueOrDefault(name) is not { } value ? null
            : words.Contains(value) ? value
            : throw Invalid(name, value, $"write {string.Join(", ", words[..^1]!)} or {words[^1]}");

    /// <summary>A directory's full path; null if it was not given, or is empty.</summary>
    public string? GetFolder(string name) => given.GetValueOrDefault(name) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>The refusal of a value: <paramref name="reason"/> says what it is not, or what to write.</summary>
    public static SourceException Invalid(string name, string value, string reason) => new($"{name}={value}: {reason}") { IsUsageError = true };
}
