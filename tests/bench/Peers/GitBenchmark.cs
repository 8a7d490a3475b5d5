using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>A commit of a kernel's sources, mounted, and what git itself does for the same.</summary>
internal static class GitBenchmark
{
    private const int LimitSeconds = 120;

    private const string Help = """
        usage: git [--runs N]

        A commit of a kernel's sources (78,000 files, 1.2 GB) mounted by kaleidofs, by /dev/fuse, beside what git does in the same
        run. Seconds, medians of N runs (default 3) that take turns; the repository is in the page cache, and 'cold' means that neither
        kaleidofs nor the kernel has seen anything of it. Then kaleidofs' resident megabytes.
        """;

    private static readonly ArchiveMounter Kaleidofs = new("kaleidofs", (source, place, _) => [Repository.At("kaleidofs"), "mount", source, place], _ => true);

    private static readonly (string Name, string Script)[] Ours =
    [
        ("find -size, cold", "find \"$1\" -type f -size +1k >/dev/null"),
        ("find -size, again", "find \"$1\" -type f -size +1k >/dev/null"),
        ("grep -r, cold", "grep -r EXPORT_SYMBOL_GPL \"$1\" | wc -l >/dev/null"),
        ("grep -r, again", "grep -r EXPORT_SYMBOL_GPL \"$1\" | wc -l >/dev/null"),
        ("tar c | sha256sum", "tar -cf - -C \"$1\" . | sha256sum >/dev/null"),
    ];

    private static readonly (string Name, string Script)[] Theirs =
    [
        ("git worktree add", "git -C \"$1\" worktree add -q --detach \"$2/tree\" main"),
        ("git ls-tree -r -l", "git -C \"$1\" ls-tree -r -l main >/dev/null"),
        ("git grep REVISION", "git -C \"$1\" grep EXPORT_SYMBOL_GPL main | wc -l >/dev/null"),
        ("git cat-file --batch, all", "git -C \"$1\" ls-tree -r --object-only main | git -C \"$1\" cat-file --batch --buffer >/dev/null"),
        ("git archive | sha256sum", "git -C \"$1\" archive main | sha256sum >/dev/null"),
        ("grep -r, the checkout", "grep -r EXPORT_SYMBOL_GPL \"$2/tree\" | wc -l >/dev/null"),
    ];

    public static int Run(string[] args)
    {
        int runs = 3;
        if (!CountOption.TryRead(args, "--runs", Help, ref runs, out int status))
        {
            return status;
        }
        Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/git-repository.sh")).Succeeded();
        string repository = Path.Combine(Repository.Cache, "git", "linux.git");
        Shell.Run("cat \"$1\"/objects/pack/* >/dev/null", repository).Succeeded();
        Daemon.BuildKaleidofs();
        Dictionary<string, List<double>> measured = [];
        for (int run = 0; run < runs; run++)
        {
            MeasureKaleidofs(repository, measured);
            MeasureGit(repository, measured);
        }
        foreach ((string name, List<double> seconds) in measured)
        {
            seconds.Sort();
            Console.WriteLine($"{name,-40} {seconds[seconds.Count / 2].ToString("F2", CultureInfo.InvariantCulture),8}");
        }
        return 0;
    }

    private static void MeasureKaleidofs(string repository, Dictionary<string, List<double>> measured)
    {
        using MountedArchive mounted = new(Kaleidofs, $"git:{repository}@main");
        mounted.Time("ls -l \"$1\" >/dev/null", LimitSeconds);
        Add(measured, "kaleidofs: start to the end of ls -l", Stopwatch.GetElapsedTime(mounted.Started).TotalSeconds);
        foreach ((string name, string script) in Ours)
        {
            Add(measured, "kaleidofs: " + name, mounted.Time(script, LimitSeconds) ?? double.PositiveInfinity);
        }
        Add(measured, "kaleidofs: resident MB", mounted.ResidentMegabytes);
        Add(measured, "kaleidofs: processor seconds, all of it", mounted.ProcessorSeconds);
    }

    private static void MeasureGit(string repository, Dictionary<string, List<double>> measured)
    {
        using TemporaryFolder folder = new();
        foreach ((string name, string script) in Theirs)
        {
            long start = Stopwatch.GetTimestamp();
            Shell.Run("export GIT_CONFIG_GLOBAL=/dev/null; exec timeout \"$1\" bash -c \"$2\" bash \"$3\" \"$4\"", LimitSeconds.ToString(CultureInfo.InvariantCulture), script, repository, folder.Path).Succeeded();
            Add(measured, name, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        Shell.Run("git -C \"$1\" worktree remove --force \"$2/tree\"", repository, folder.Path);
    }

    private static void Add(Dictionary<string, List<double>> measured, string name, double value)
    {
        if (!measured.TryGetValue(name, out List<double>? values))
        {
            measured[name] = values = [];
        }
        values.Add(value);
    }
}
