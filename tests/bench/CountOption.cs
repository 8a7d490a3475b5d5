using System.Globalization;

namespace Kaleidofs.Tests.Bench;

/// <summary>The command line of a benchmark that takes one number.</summary>
internal static class CountOption
{
    /// <summary>Reads it; if there is nothing to be run, says why.</summary>
    /// <param name="args">What the user wrote.</param>
    /// <param name="name">The option's name, with its dashes.</param>
    /// <param name="help">The benchmark's help, which begins with its usage.</param>
    /// <param name="count">Keeps its value where the option is not given.</param>
    /// <param name="status">The exit status if nothing is to be run.</param>
    public static bool TryRead(string[] args, string name, string help, ref int count, out int status)
    {
        status = 0;
        switch (args)
        {
            case []:
                return true;
            case ["--help" or "-h"]:
                Console.WriteLine(help);
                return false;
            case [string option, string text] when option == name && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int given) && given > 0:
                count = given;
                return true;
            default:
                Console.Error.WriteLine($"bench: not so: '{string.Join(' ', args)}'; --help lists the options");
                status = 2;
                return false;
        }
    }
}
