using System.CommandLine;

namespace Kaleidofs.Host.Cli;

/// <summary>A subcommand, with an example for its help.</summary>
internal abstract class Verb(string name, string description, string examples) : Command(name, description)
{
    /// <summary>One or more command lines, a line each.</summary>
    public string Examples { get; } = examples;
}
