using System.Diagnostics;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>The C program beside this file that does nothing but answer, compiled for the run.</summary>
internal static class Responder
{
    public static bool TryBuild(TemporaryFolder folder, out string program, out string? reason)
    {
        program = folder.At("responder");
        string? compiler = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .SelectMany(_ => new[] { "cc", "gcc", "clang" }, Path.Combine).FirstOrDefault(File.Exists);
        if (compiler is null)
        {
            reason = "no cc, gcc or clang to compile it (tests/bench/DataPlane/Responder)";
            return false;
        }
        string source = Repository.At("tests/bench/DataPlane/Responder/responder.c");
        using Process process = Process.Start(new ProcessStartInfo(compiler, ["-O2", "-pthread", "-o", program, source]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        reason = process.ExitCode == 0 ? null : $"{compiler} failed: {errors}";
        return reason is null;
    }
}
