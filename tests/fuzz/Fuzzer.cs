using System.Diagnostics;

namespace Kaleidofs.Tests.Fuzz;

/// <summary>Runs a target's episodes, each with a seed that brings it back.</summary>
internal static class Fuzzer
{
    /// <summary>Runs episodes until the time is up.</summary>
    /// <returns>One line: what was done.</returns>
    /// <exception cref="FuzzException">A promise was broken; the message says how to see it again.</exception>
    public static string Run(FuzzTarget target, double seconds, ulong seed, Action<string>? progress = null)
    {
        using FuzzJournal journal = new(target.Name);
        long start = Stopwatch.GetTimestamp();
        long reported = start;
        long cases = 0;
        long episodes = 0;
        // The first episode's seed is the given one, so that a failure's seed is the whole replay.
        for (ulong episode = seed; ; episode = new Xorshift(episode).Next())
        {
            journal.Note(episode);
            try
            {
                cases += target.Run(new Xorshift(episode));
            }
            catch (Exception failure)
            {
                throw new FuzzException($"{target.Name}: {failure.Message}\nReplay: KALEIDOFS_FUZZ_SEED=0x{episode:x} KALEIDOFS_FUZZ_SECONDS=0 dotnet run -c Release --project tests/fuzz -- {target.Name}", failure);
            }
            episodes++;
            double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            string line = $"{target.Name}: {cases:N0} cases in {episodes:N0} episodes, {elapsed:N0} s, {cases / Math.Max(elapsed, 1e-3):N0} cases/s";
            if (elapsed >= seconds)
            {
                target.Finish();
                return $"{line}, from seed 0x{seed:x}";
            }
            if (progress is not null && Stopwatch.GetElapsedTime(reported).TotalSeconds >= 60)
            {
                reported = Stopwatch.GetTimestamp();
                progress(line);
            }
        }
    }
}
