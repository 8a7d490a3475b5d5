using System.Globalization;

namespace Kaleidofs.Tests.Bench.Mounts;

/// <summary>The benchmark's command line.</summary>
internal sealed record MountOptions
{
    public IReadOnlyList<MountWork> Work { get; private init; } = MountWork.All;

    public IReadOnlyList<int> Clients { get; private init; } = [1, 4];

    public int Rounds { get; private init; } = 3;

    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(1);

    public int? Cpu { get; private init; }

    public IReadOnlyList<string> HostOptions { get; private init; } = [];

    /// <exception cref="FormatException">It does not mean anything.</exception>
    public static MountOptions Parse(string[] args)
    {
        MountOptions options = new();
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]} needs a value, or is no option");
            options = args[i] switch
            {
                "--work" => options with { Work = [.. value.Split(',').Select(Find)] },
                "--clients" => options with { Clients = [.. value.Split(',').Select(Number)] },
                "--rounds" => options with { Rounds = Number(value) },
                "--seconds" => options with { Duration = TimeSpan.FromSeconds(double.Parse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture)) },
                "--pin" => options with { Cpu = Number(value) },
                "-o" => options with { HostOptions = [.. options.HostOptions, "-o", value] },
                _ => throw new FormatException($"{args[i]}: no such option"),
            };
        }
        return options;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static MountWork Find(string name)
        => MountWork.All.FirstOrDefault(work => work.Name == name) ?? throw new FormatException($"there is no work '{name}'");
}
