using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary>The program, built by ./kaleidofs before any test that runs it.</summary>
public sealed class BuiltProgram
{
    public BuiltProgram() => Shell.Run("exec \"$1\" --version", Program).Succeeded();

    public static string Program => Repository.At("kaleidofs");

    /// <summary>The drivers that were published with it.</summary>
    public static string Drivers => Repository.At("artifacts/kaleidofs/drivers");

    /// <summary>Runs the program to its end.</summary>
    public static CommandResult Run(params IEnumerable<string> arguments) => Shell.Run("exec \"$@\"", [Program, .. arguments]);
}
