using System.Globalization;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>What of the S3 benchmark is run, and how long.</summary>
internal sealed record S3BenchOptions
{
    public const string Help = """
        usage: s3 [--only WORK] [--contender NAME] [--keys N] [--listed N] [--mib N] [--seconds N] [--runs N] [--delay MS]

        A bucket of a radosgw that the benchmark starts, in memory, mounted by kaleidofs, s3fs and rclone; beside them the SDK alone,
        which is the ceiling. Each work in a fresh mount, the contenders by turns; medians of --runs (3). Works:
          list      ls -l of --keys (10000) names
          random1   64 KiB at random offsets of a file of --mib (1024), not cached, a second, from 1 thread; random16, random32
          stream    that file from its beginning to its end, seconds
          create1   files of 4 KiB created, written and fsynced a second, by 1 thread; create32
          write     half of --mib written and fsynced, seconds
          again     what was read by another process before, with a cache on disk: seconds, and GETs
        Then list, random1, random32, create1 and create32 once more with --delay (25) milliseconds before each request.
        'million', which runs only by its name, lists --listed (1000000) keys in one directory of a server of the benchmark's own that
        answers nothing else: milliseconds to the first name, seconds to the last, and resident memory for each name.
        In brackets the program's own processor time: seconds, or milliseconds for each of what is counted.
        A work that counts lasts --seconds (4). What takes longer than two minutes is cut off.
        """;

    public string Only { get; private set; } = "";

    public string Contender { get; private set; } = "";

    public int Keys { get; private set; } = 10_000;

    public int Listed { get; private set; } = 1_000_000;

    public int Mebibytes { get; private set; } = 1024;

    public int Seconds { get; private set; } = 4;

    public int Runs { get; private set; } = 3;

    public int Delay { get; private set; } = 25;

    /// <summary>Reads a command line; null if nothing is to be run.</summary>
    public static S3BenchOptions? Parse(string[] args, out int status)
    {
        S3BenchOptions options = new();
        status = 0;
        for (int i = 0; i < args.Length; i += 2)
        {
            switch (args[i..])
            {
                case ["--help" or "-h", ..]:
                    Console.WriteLine(Help);
                    return null;
                case ["--only", string only, ..]:
                    options.Only = only;
                    break;
                case ["--contender", string name, ..]:
                    options.Contender = name;
                    break;
                case [string name, string text, ..] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 && options.TrySet(name, number):
                    break;
                default:
                    Console.Error.WriteLine($"bench: s3 does not take '{args[i]}' so; --help lists the options");
                    status = 2;
                    return null;
            }
        }
        return options;
    }

    private bool TrySet(string name, int number)
    {
        switch (name)
        {
            case "--keys":
                Keys = number;
                return true;
            case "--listed":
                Listed = number;
                return true;
            case "--mib":
                Mebibytes = number;
                return true;
            case "--seconds":
                Seconds = number;
                return true;
            case "--runs":
                Runs = number;
                return true;
            case "--delay":
                Delay = number;
                return true;
            default:
                return false;
        }
    }
}
