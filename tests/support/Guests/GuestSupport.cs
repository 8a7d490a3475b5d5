using System.Diagnostics;

namespace Kaleidofs.Tests.Support;

/// <summary>Whether this machine can boot a guest; eng/setup.sh installs what is missing.</summary>
public static class GuestSupport
{
    private static readonly Lazy<string?> Reason = new(SetUp);

    /// <summary>Why there can be no guest here, or null.</summary>
    public static string? Missing => Reason.Value;

    private static string? SetUp()
    {
        var start = new ProcessStartInfo("bash", [Repository.At("eng/setup.sh")]) { RedirectStandardError = true };
        start.Environment["KALEIDOFS_CACHE"] = Repository.Cache;
        using Process setup = Process.Start(start)!;
        string said = setup.StandardError.ReadToEnd();
        setup.WaitForExit();
        if (setup.ExitCode == 0)
            return null;
        string file = Path.Combine(Repository.Cache, "guest");
        string? reason = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("REASON=", StringComparison.Ordinal)) : null;
        return reason?["REASON=".Length..] ?? "eng/setup.sh failed: " + said;
    }
}
