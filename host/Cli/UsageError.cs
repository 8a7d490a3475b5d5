using System.CommandLine;
using System.CommandLine.Parsing;

namespace Kaleidofs.Host.Cli;

/// <summary>What a mistyped command line is answered with: what is wrong, and the nearest thing that is right.</summary>
internal static class UsageError
{
    /// <summary>
    /// A mistyped option that stands where a source or path is expected: the parser takes it for one. After '--' it is one.
    /// </summary>
    public static string? FindMistypedOption(ParseResult result, string[] arguments)
        => arguments.Contains("--")
            ? null
            : result.CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(argument => argument.Tokens)
                .Select(token => token.Value)
                .FirstOrDefault(value => value.Length > 1 && value[0] == '-');

    /// <summary>Writes the line to the standard error.</summary>
    public static int Report(ParseResult result, string? mistypedOption)
    {
        Command command = result.CommandResult.Command;
        string path = GetPath(command);
        string? unknown = mistypedOption ?? (result.UnmatchedTokens.Count > 0 ? result.UnmatchedTokens[0] : null);
        string message;
        if (unknown is not null)
        {
            string kind = command is RootCommand && !unknown.StartsWith('-') ? "verb" : unknown.StartsWith('-') ? "option" : "argument";
            message = $"unknown {kind} '{unknown}'";
            if (Nearest(unknown, command) is { } nearest)
            {
                message += $"; did you mean '{nearest}'?";
            }
        }
        else
        {
            message = Describe(result.Errors[0]);
        }
        Console.Error.WriteLine($"{path}: {message}");
        Console.Error.WriteLine($"See '{path} --help'.");
        return ExitCode.Usage;
    }

    private static string GetPath(Command command)
        => command is RootCommand ? "kaleidofs" : $"{(command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? GetPath(parent) : "kaleidofs")} {command.Name}";

    private static string Describe(ParseError error)
    {
        OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        // The parser's own words name a .NET type.
        return option is { Tokens: [var token, ..] } && option.Option.ValueType == typeof(int?)
            ? $"{option.Option.Name} '{token.Value}' is not a number"
            : error.Message.TrimEnd('.');
    }

    private static string? Nearest(string word, Command command)
    {
        word = word.Split('=')[0];
        IEnumerable<string> known = word.StartsWith('-')
            ? command.Options.SelectMany(option => option.Aliases.Append(option.Name))
            : command.Subcommands.Select(verb => verb.Name);
        return known
            .Select(candidate => (Name: candidate, Distance: EditDistance(word, candidate)))
            .Where(candidate => candidate.Distance <= Math.Max(1, word.Length / 3))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
    }

    /// <summary>Levenshtein's.</summary>
    private static int EditDistance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int substitution = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
