using System.Collections.Concurrent;

namespace Kaleidofs.Tests.Vm.Archives;

/// <summary>The archives that the tests read; each is made or fetched when first asked for.</summary>
public static class RealArchives
{
    private static readonly Lazy<TemporaryFolder> Folder = new(() =>
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    });

    private static readonly ConcurrentDictionary<string, Lazy<RealArchive>> Made = new();

    private static readonly Lazy<string?> LinuxError = new(() =>
    {
        CommandResult made = Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/linux-source.sh"));
        return made.Status == 0 ? null : "linux-source-6.1 could not be had: " + made.Error;
    });

    /// <summary>A NuGet package, an npm package, a wheel-like zip written to a pipe, and a kernel's sources three times.</summary>
    public static readonly string[] Names = [.. Small, "linux.tar", "linux.tar.gz", "linux.zip"];

    /// <summary>Those that a guest reads whole.</summary>
    public static string[] Small => ["package.nupkg", "package.tgz", "wheel.whl"];

    /// <summary>An archive by its name; skips the test if this machine cannot have it.</summary>
    public static RealArchive Get(string name)
    {
        if (name.StartsWith("linux.", StringComparison.Ordinal))
        {
            Skip.If(LinuxError.Value is not null, LinuxError.Value);
            string linux = Path.Combine(Repository.Cache, "linux");
            return new RealArchive(Path.Combine(linux, name), Path.Combine(linux, "tree"), NamesDirectories: true);
        }
        return Made.GetOrAdd(name, key => new Lazy<RealArchive>(() => Make(key))).Value;
    }

    private static RealArchive Make(string name)
    {
        string path = Folder.Value.At(name);
        string tree = Directory.CreateDirectory(path + ".tree").FullName;
        (string make, string source, string extract, bool namesDirectories) = name switch
        {
            "package.nupkg" => ("cp \"$2\" \"$1\"", NuGetPackage(), "unzip -q -o -X \"$1\" -d \"$2\"", false),
            "package.tgz" => (NpmPack, Repository.At("core"), "tar -xpzf \"$1\" --numeric-owner -C \"$2\"", false),
            // Through a pipe: zip cannot go back, so sizes and checksums follow the content.
            "wheel.whl" => ("cd \"$2\" && zip -qry - . | cat >\"$1\"", AppContext.BaseDirectory, "unzip -q -o -X \"$1\" -d \"$2\"", true),
            _ => throw new ArgumentException(name, nameof(name)),
        };
        Shell.Run("set -e; " + make, path, source).Succeeded();
        Shell.Run("umask 022; " + extract, path, tree).Succeeded();
        return new RealArchive(path, tree, namesDirectories);
    }

    /// <summary>By npm where it is installed; else what npm writes (package/, no directories, one fixed time), by tar.</summary>
    private const string NpmPack = """
        work=$(mktemp -d); cp -r "$2" "$work/package"; cd "$work/package"; rm -rf bin obj
        printf '{ "name": "kaleidofs-test", "version": "1.0.0" }\n' >package.json
        if command -v npm >/dev/null && npm pack --offline --silent --ignore-scripts >/dev/null 2>&1; then mv ./*.tgz "$1"
        else cd .. && find package -type f | sort | tar -czf "$1" --format=ustar --owner=0 --group=0 --mode=644 --mtime=@499162500 -T -; fi
        rm -rf "$work"
        """;

    /// <summary>One that this build restored: the largest is as good as any, and always there.</summary>
    private static string NuGetPackage()
    {
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } own ? own
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");
        return Directory.EnumerateFiles(Path.Combine(packages, "xunit.assert"), "*.nupkg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();
    }
}
