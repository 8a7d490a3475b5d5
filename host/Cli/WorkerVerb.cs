using System.CommandLine;
using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Sandbox;
using Kaleidofs.Host.Serving;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Host.Cli;

/// <summary>What a driver's <see cref="WorkerStarter"/> starts, and nobody else.</summary>
internal sealed class WorkerVerb : Command
{
    /// <summary>What a decoder may want at most is some hundred megabytes; .NET counts its own heap's reserve not.</summary>
    private const ulong MaxMemory = 1ul << 30;

    private readonly Argument<string> _assembly = new("ASSEMBLY");
    private readonly Argument<string> _type = new("TYPE");
    private readonly Argument<int> _input = new("INPUT");
    private readonly Argument<ulong> _seconds = new("SECONDS");

    public WorkerVerb() : base(WorkerProcesses.Verb)
    {
        Hidden = true;
        Add(_assembly);
        Add(_type);
        Add(_input);
        Add(_seconds);
        SetAction(Run);
    }

    private int Run(ParseResult result)
    {
        string assembly = result.GetValue(_assembly)!;
        if (!ProcessSandbox.IsInherited)
        {
            // As a rule the one who started it is confined, and so is this one.
            ProcessSandbox.Enter(SandboxMode.Auto, () => new SandboxPlan([], DriverCatalog.Scan([]), Path.GetDirectoryName(assembly)!));
        }
        Libc.UseEncoding();
        Libc.SetLimit(Libc.RLIMIT_CPU, result.GetValue(_seconds));
        Libc.SetLimit(Libc.RLIMIT_DATA, MaxMemory);
        Libc.SetLimit(Libc.RLIMIT_FSIZE, 0);
        Libc.SetLimit(Libc.RLIMIT_CORE, 0);
        Worker worker = (Worker)Activator.CreateInstance(DriverCatalog.LoadType(assembly, result.GetValue(_type)!))!;
        using SafeFileHandle input = new(result.GetValue(_input), ownsHandle: true);
        using Stream output = Console.OpenStandardOutput();
        worker.Run(input, output);
        return ExitCode.Success;
    }
}
