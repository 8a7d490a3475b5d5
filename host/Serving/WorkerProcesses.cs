using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Host.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Host.Serving;

/// <summary>Starts workers as this program once more, which a confined process may execute.</summary>
/// <param name="program">The program, and what else stands before its verb.</param>
internal sealed class WorkerProcesses(params string[] program) : WorkerStarter
{
    /// <summary>What the program does when it is started as one.</summary>
    public const string Verb = "worker";

    public static WorkerProcesses OfThisProgram { get; } = new(GetProgram());

    public override WorkerProcess Start(Type worker, SafeFileHandle input, TimeSpan processorTime)
    {
        using FileDescriptor inherited = Libc.DuplicateForChildren(input);
        ProcessStartInfo start = new(program[0],
        [
            .. program[1..], Verb, worker.Assembly.Location, worker.FullName!,
            inherited.Number.ToString(CultureInfo.InvariantCulture),
            Math.Max(1, (long)processorTime.TotalSeconds).ToString(CultureInfo.InvariantCulture),
        ])
        {
            RedirectStandardOutput = true,
        };
        // Names that are no ASCII are converted by the C library.
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["DOTNET_TieredPGO"] = "0";
        try
        {
            return new Running(Process.Start(start)!);
        }
        catch (Exception exception) when (exception is Win32Exception or IOException)
        {
            throw new SourceException($"a process for its worker cannot be started: {exception.Message}", exception);
        }
    }

    private static string[] GetProgram()
    {
        string path = Environment.ProcessPath ?? "/proc/self/exe";
        return Path.GetFileNameWithoutExtension(path) == "dotnet" ? [path, Environment.GetCommandLineArgs()[0]] : [path];
    }

    private sealed class Running(Process process) : WorkerProcess
    {
        public override Stream Output { get; } = process.StandardOutput.BaseStream;

        public override bool HasSucceeded()
        {
            process.WaitForExit();
            return process.ExitCode == 0;
        }

        protected override void Dispose(bool disposing)
        {
            try
            {
                process.Kill();
            }
            catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
            {
                // It has ended.
            }
            process.Dispose();
        }
    }
}
