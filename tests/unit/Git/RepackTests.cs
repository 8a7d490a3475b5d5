using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>Somebody repacks, collects garbage and moves refs, while others read.</summary>
public sealed class RepackTests
{
    private static int Cycles => int.TryParse(Environment.GetEnvironmentVariable("KALEIDOFS_GIT_CYCLES"), out int cycles) ? cycles : 4;

    [Fact]
    public async Task Readers_see_no_error_and_nothing_stale()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(25) + "rm random.bin; git add -A; commit -m less; git branch moving");
        await using Browser browser = await repository.OpenAsync(cacheBudget: 4 << 20);
        Dictionary<string, List<(string Path, uint Mode, ulong Size, string Id)>> expected = [];
        foreach (string id in repository.RunLines("git rev-list -n 6 main"))
        {
            expected[id] = repository.List(id);
        }
        using CancellationTokenSource ending = new();
        int read = 0;
        Task[] readers = [.. Enumerable.Range(0, 8).Select(seed => Task.Run(async () =>
        {
            Random random = new(seed);
            while (!ending.IsCancellationRequested)
            {
                // By the ref, as it is now, or by a commit of long ago.
                string id = expected.Keys.ElementAt(random.Next(expected.Count));
                if (random.Next(3) == 0)
                {
                    string target = await browser.ReadLinkAsync("branches/moving");
                    id = target["../commits/".Length..];
                    Assert.Contains(id, expected.Keys);
                }
                (string path, _, ulong size, string blob) = expected[id].Where(entry => (entry.Mode & 0xf000) == 0x8000).ElementAt(random.Next(5));
                Attributes attributes = await browser.LookupAsync($"commits/{id}/{path}");
                Assert.Equal((path, size), (path, attributes.Size));
                Assert.Equal((path, blob), (path, await TestRepository.HashAsync(browser, attributes, blob.Length)));
                Interlocked.Increment(ref read);
            }
        }))];
        try
        {
            for (int cycle = 0; cycle < Cycles && !readers.Any(reader => reader.IsFaulted); cycle++)
            {
                repository.Run($"""
                    git update-ref refs/heads/moving main~{cycle % 6}
                    git repack -qadf --depth={10 + cycle} --window=10
                    git update-ref refs/heads/moving main~{(cycle + 3) % 6}
                    git pack-refs --all
                    git gc -q --prune=now
                    printf {cycle} | git hash-object -w --stdin >/dev/null
                    """);
            }
        }
        finally
        {
            await ending.CancelAsync();
        }
        await Task.WhenAll(readers);
        Assert.True(read > 8, $"{read} files were read");
        Assert.Empty(browser.Log.Lines);
    }
}
