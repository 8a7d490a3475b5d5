namespace Kaleidofs.Tests.Support;

/// <summary>The working tree that the tests were built from: its scripts are part of what is tested.</summary>
public static class Repository
{
    /// <summary>The folder of Drivers.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below <see cref="Root"/>.</summary>
    public static string At(string relative) => Path.Combine(Root, relative);

    /// <summary>Where downloads and what is made of them are kept, outside the working tree (as eng/setup.sh has it).</summary>
    public static string Cache { get; } =
        Environment.GetEnvironmentVariable("KALEIDOFS_CACHE") is { Length: > 0 } own ? own
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".cache"),
            "kaleidofs");

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Drivers.sln")))
                return folder;
        }
        throw new InvalidOperationException("the tests must run from inside the working tree");
    }
}
