using System.Globalization;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>The benchmark's command line.</summary>
internal sealed record DataPlaneOptions
{
    public IReadOnlyList<Workload> Work { get; private init; } = Workload.All;

    public IReadOnlyList<int> Queues { get; private init; } = [1, 2, 4];

    public IReadOnlyList<int> Depths { get; private init; } = [1, 8, 32];

    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Time for each kind of work to be compiled, in the daemon as in the front end; a tenth of it goes before every other measurement.</summary>
    public TimeSpan Warmup { get; private init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often each case is measured.</summary>
    public int Rounds { get; private init; } = 3;

    public int? Cpu { get; private init; }

    public IReadOnlyList<string> HostOptions { get; private init; } = [];

    public string? Server { get; private init; }

    /// <summary>What the front end asks for: split rings, or packed ones.</summary>
    public FrontEndOptions FrontEnd { get; private init; } = new() { QueueSize = 1024 };

    public bool WithPeer { get; private init; } = true;

    /// <summary>Reads the command line; false with an error, or with none if help was asked for.</summary>
    public static bool TryParse(string[] args, out DataPlaneOptions options, out string? error)
    {
        options = new DataPlaneOptions();
        error = null;
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            if (name is "--help" or "-h")
            {
                return false;
            }
            if (name == "--no-peer")
            {
                options = options with { WithPeer = false };
                continue;
            }
            if (name == "--packed")
            {
                options = options with { FrontEnd = options.FrontEnd with { Packed = true }, WithPeer = false };
                continue;
            }
            if (i + 1 == args.Length)
            {
                error = $"{name} needs a value, or is no option";
                return false;
            }
            string value = args[++i];
            try
            {
                options = options.With(name, value);
            }
            catch (FormatException failure)
            {
                error = $"{name} {value}: {failure.Message}";
                return false;
            }
        }
        return true;
    }

    private DataPlaneOptions With(string name, string value) => name switch
    {
        "--work" => this with { Work = [.. value.Split(',').Select(Workload.Find)] },
        "--queues" => this with { Queues = Numbers(value) },
        "--depth" => this with { Depths = Numbers(value) },
        "--rounds" => this with { Rounds = Numbers(value)[0] },
        "--seconds" => this with { Duration = Seconds(value) },
        "--warmup" => this with { Warmup = Seconds(value) },
        "--pin" => this with { Cpu = int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) },
        "-o" => this with { HostOptions = [.. HostOptions, "-o", value] },
        "--server" => this with { Server = value },
        _ => throw new FormatException("no such option"),
    };

    private static int[] Numbers(string list)
    {
        int[] numbers = [.. list.Split(',').Select(text => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture))];
        return Array.TrueForAll(numbers, number => number is > 0 and <= 256) ? numbers : throw new FormatException("numbers from 1 to 256 are wanted");
    }

    private static TimeSpan Seconds(string value) => TimeSpan.FromSeconds(double.Parse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
}
