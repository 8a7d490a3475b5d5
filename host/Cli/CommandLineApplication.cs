using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Host.Cli;

/// <summary>The command line as a whole: verbs, help, and the one place where a failure becomes a line and an exit code.</summary>
internal static class CommandLineApplication
{
    /// <summary>In the order of the help.</summary>
    private static readonly OrderedDictionary<string, Func<Command>> Verbs = new(StringComparer.Ordinal)
    {
        ["serve"] = () => new ServeVerb(),
        ["mount"] = () => new MountVerb(),
        ["host"] = () => new HostVerb(),
        ["status"] = () => new StatusVerb(),
        ["top"] = () => new TopVerb(),
        ["ls"] = () => new ListVerb(),
        ["cat"] = () => new CatVerb(),
        ["stat"] = () => new StatVerb(),
        ["tree"] = () => new TreeVerb(),
        ["export"] = () => new ExportVerb(),
        ["index"] = () => new IndexVerb(),
        ["commit"] = () => new CommitVerb(),
        ["drivers"] = () => new DriversVerb(),
        [MountBroker.Verb] = () => new MountBrokerVerb(),
        [WorkerProcesses.Verb] = () => new WorkerVerb(),
    };

    public static async Task<int> RunAsync(string[] arguments)
    {
        RootCommand root = CreateRoot(arguments);
        // No response files: '@' may begin a path.
        ParseResult result = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        string? mistyped = UsageError.FindMistypedOption(result, arguments);
        if (result.Action is ParseErrorAction || (mistyped is not null && result.Action is not HelpWithExamples))
        {
            if (arguments.Length == 0)
            {
                root.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
                return ExitCode.Usage;
            }
            return UsageError.Report(result, mistyped);
        }
        try
        {
            // Signals are the verbs' own business: those that serve drain.
            return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
        }
        catch (SourceException exception)
        {
            Console.Error.WriteLine($"kaleidofs: {OneLine(exception.Message)}");
            return exception.IsUsageError ? ExitCode.Usage : ExitCode.Failure;
        }
        catch (IOException exception) when (StandardOutput.IsClosedByReader(exception))
        {
            return ExitCode.Success;
        }
        catch (IOException exception)
        {
            Console.Error.WriteLine($"kaleidofs: {result.CommandResult.Command.Name}: {OneLine(exception.Message)}");
            return ExitCode.Failure;
        }
#pragma warning disable CA1031 // The last resort of the process: a line, not a page.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            bool isDebugging = arguments.Contains("debug");
            Console.Error.WriteLine($"kaleidofs: unexpected failure: {(isDebugging ? exception.ToString() : OneLine($"{exception.GetType().Name}: {exception.Message}") + "; add --log-level debug for details, and please report it")}");
            return ExitCode.Failure;
        }
    }

    private static RootCommand CreateRoot(string[] arguments)
    {
        RootCommand root = new("Serves filesystems that drivers synthesize (archives, ...) to virtual machines and to this machine.");
        // All of them only for who did not name one: each costs the time that its options take to be made.
        IEnumerable<Func<Command>> verbs = arguments.Length > 0 && Verbs.TryGetValue(arguments[0], out Func<Command>? named) ? [named] : Verbs.Values;
        foreach (Func<Command> create in verbs)
        {
            root.Add(create());
        }
        if (arguments is [{ Length: > 0 } word, ..] && !Verbs.ContainsKey(word) && word[0] != '-' && DriverVerb.Find(word) is { } driver)
        {
            root.Add(driver);
        }
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            inner.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            string examples = parseResult.CommandResult.Command is Verb verb
                ? verb.Examples
                : "kaleidofs mount backup.zip /mnt\nkaleidofs serve backup.zip --socket-path /run/backup.sock\nkaleidofs <verb> --help";
            output.WriteLine("Examples:");
            foreach (string example in examples.Split('\n'))
            {
                output.WriteLine("  " + example);
            }
            output.WriteLine();
            return ExitCode.Success;
        }
    }
}
