using System.Diagnostics;

namespace Kaleidofs.Tests.Support;

/// <summary>Runs the shell scripts that tests compare with.</summary>
public static class Shell
{
    /// <summary>For env(1): what runs in the background (nohup, a shell's &amp;) ignores these, and hands that down for good: no shell can undo it.</summary>
    internal const string DefaultSignals = "--default-signal=HUP,INT,QUIT";

    /// <summary>Runs a bash script with arguments, UTC and the C locale.</summary>
    public static CommandResult Run(string script, params IEnumerable<string> arguments) => Start("env", [DefaultSignals, "bash", "-c", script, "bash", .. arguments]);

    /// <summary>The same with busybox's shell and tools: what a guest runs, run here.</summary>
    public static CommandResult RunBusybox(string script, params IEnumerable<string> arguments) => Start("env", [DefaultSignals, "busybox", "sh", "-c", script, "sh", .. arguments]);

    private static CommandResult Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return new CommandResult(process.ExitCode, output.ToArray(), error.GetAwaiter().GetResult());
    }
}
