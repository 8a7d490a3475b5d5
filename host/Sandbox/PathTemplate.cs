using System.Globalization;

namespace Kaleidofs.Host.Sandbox;

/// <summary>What a driver declares of its paths (<see cref="DriverAttribute.Reads"/>, <see cref="DriverAttribute.Writes"/>), for one share.</summary>
/// <param name="source">The path of the source, or null if it has none.</param>
/// <param name="options">The driver's options.</param>
internal sealed class PathTemplate(string? source, IReadOnlyDictionary<string, string> options)
{
    private const int MaxDigits = 3;

    private static string? Home => Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : null;

    /// <summary>The paths, absolute; none for what has no value here.</summary>
    public IEnumerable<string> Expand(string template)
    {
        if (template.StartsWith('{') && template.IndexOf('}', StringComparison.Ordinal) is var end and > 0)
        {
            string rest = template[(end + 1)..];
            return Resolve(template[1..end]).SelectMany(path => Number(Path.GetFullPath(path + rest), rest.Count(character => character == '#')));
        }
        return template switch
        {
            ['$', .. string variable] => Split(Environment.GetEnvironmentVariable(variable)).Select(Path.GetFullPath),
            ['~', '/', .. string rest] => Home is { } home ? [Path.Combine(home, rest)] : [],
            ['/', ..] => [template],
            _ => [],
        };
    }

    private string[] Resolve(string name) => name switch
    {
        "source" => source is null ? [] : [source],
        "stem" => source is null ? [] : [Path.ChangeExtension(source, null)],
        "cache" => UserFolders.Cache is { } cache ? [cache] : [],
        "state" => UserFolders.State is { } state ? [state] : [],
        _ => ResolveOption(name.Split('|')),
    };

    /// <summary>The files that there are for a name that ends with a number of so many digits, up to the first gap; the path as it is for none.</summary>
    private static IEnumerable<string> Number(string path, int digits)
    {
        if (digits == 0)
        {
            return [path];
        }
        if (digits > MaxDigits || !path.EndsWith(new string('#', digits), StringComparison.Ordinal))
        {
            return [];
        }
        string stem = path[..^digits];
        int end = (int)Math.Pow(10, digits);
        // Not one question for each of a thousand names, at every start.
        int[] starts = [0, 1, end / 10];
        return starts
            .SelectMany(start => Enumerable.Range(start, end - start)
                .Select(number => stem + number.ToString($"D{digits}", CultureInfo.InvariantCulture))
                .TakeWhile(File.Exists))
            .Distinct();
    }

    /// <summary>An option's paths, unless its value is one of the words that stand behind its name.</summary>
    private string[] ResolveOption(string[] nameAndWords)
        => options.GetValueOrDefault(nameAndWords[0]) is { } value && !nameAndWords.AsSpan(1).Contains(value) ? Split(value) : [];

    /// <summary>One path, or several with colons between them.</summary>
    private static string[] Split(string? value)
        => string.IsNullOrEmpty(value) ? [] : Path.Exists(value) ? [value] : value.Split(':', StringSplitOptions.RemoveEmptyEntries);
}
