using System.Diagnostics;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>The real tools, run in a directory.</summary>
internal static class ArchiveTools
{
    /// <summary>Runs a tool, which must succeed.</summary>
    public static void Run(string directory, string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: {output}");
    }
}
