using Kaleidofs.Tests.Fuzz.Fuse;
using Kaleidofs.Tests.Fuzz.VhostUser;
using Kaleidofs.Tests.Fuzz.Virtio;

namespace Kaleidofs.Tests.Fuzz;

/// <summary>Runs targets for as long as one likes: dotnet run -c Release --project tests/fuzz -- [TARGET...]</summary>
internal static class Program
{
    /// <summary>Every target that a seed brings back.</summary>
    public static IReadOnlyDictionary<string, Func<FuzzTarget>> Targets { get; } = new Dictionary<string, Func<FuzzTarget>>
    {
        ["session"] = static () => new SessionTarget("session"),
        ["archive"] = static () => new SessionTarget("archive", FuzzedArchive.Open()),
        ["race"] = static () => new RaceTarget(),
        ["device"] = static () => new DeviceTarget(),
        ["process"] = static () => new ProcessTarget(),
        ["ring"] = static () => new RingTarget(),
    };

    private static int Main(string[] names)
    {
        string[] chosen = names.Length > 0 ? names : [.. Targets.Keys];
        if (Array.Find(chosen, name => !Targets.ContainsKey(name)) is { } unknown)
        {
            Console.Error.WriteLine($"no target '{unknown}': {string.Join(", ", Targets.Keys)}. KALEIDOFS_FUZZ_SECONDS (60 each) and KALEIDOFS_FUZZ_SEED say how long and from where.");
            return 2;
        }
        foreach (string name in chosen)
        {
            using FuzzTarget target = Targets[name]();
            try
            {
                Console.WriteLine(Fuzzer.Run(target, FuzzSettings.Seconds ?? 60, FuzzSettings.Seed ?? BitConverter.ToUInt64(Guid.NewGuid().ToByteArray()), Console.WriteLine));
            }
            catch (FuzzException failure)
            {
                Console.Error.WriteLine(failure.Message);
                Console.Error.WriteLine(failure.InnerException);
                return 1;
            }
        }
        return 0;
    }
}
