using System.Buffers.Binary;
using Kaleidofs.Caching;

namespace Kaleidofs.Tests.Unit.Caching;

public sealed class ContentCacheTests
{
    private const int BlockLength = 4096;

    [Fact]
    public async Task A_block_is_loaded_once_however_many_ask()
    {
        using ContentCache cache = new();
        Loader loader = new() { Delay = true };
        Result<BlockLease>[] leases = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => cache.GetAsync(new BlockKey(1, 2, 3), BlockLength, loader).AsTask()));
        Assert.Equal(1, loader.Loads);
        foreach (Result<BlockLease> lease in leases)
        {
            Assert.True(lease.IsOk);
            Check(new BlockKey(1, 2, 3), lease.Value);
            lease.Value.Dispose();
        }
    }

    [Fact]
    public async Task Hits_misses_and_evictions_are_counted_exactly_by_any_number_of_threads()
    {
        const int Threads = 4;
        const int Rounds = 20_000;
        using ContentCache cache = new(8 * BlockLength);
        Loader loader = new();
        for (ulong i = 0; i < 8; i++)
        {
            (await cache.GetAsync(new BlockKey(1, 1, i), BlockLength, loader)).Value.Dispose();
        }
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                if (cache.TryGet(new BlockKey(1, 1, (ulong)i % 8), out BlockLease lease))
                {
                    lease.Dispose();
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        long shown = 0;
        while (threads.Any(thread => thread.IsAlive))
        {
            long hits = cache.ReadTotals().Hits;
            Assert.InRange(hits, shown, Threads * Rounds);
            shown = hits;
        }
        Assert.Equal((Threads * Rounds, 8, 0), (cache.ReadTotals().Hits, cache.ReadTotals().Misses, cache.ReadTotals().Evictions));
        // Blocks that go take their hits along into the total.
        for (ulong i = 0; i < 24; i++)
        {
            (await cache.GetAsync(new BlockKey(1, 2, i), BlockLength, loader)).Value.Dispose();
        }
        CacheTotals totals = cache.ReadTotals();
        Assert.Equal((Threads * Rounds, 32, 24), (totals.Hits, totals.Misses, totals.Evictions));
        Assert.Equal((8, 8 * BlockLength), (totals.Blocks, totals.Bytes));
    }

    [Fact]
    public async Task A_failed_load_reaches_every_waiter_and_is_not_remembered()
    {
        using ContentCache cache = new();
        Loader loader = new() { Delay = true, Fails = true };
        Result<BlockLease>[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cache.GetAsync(default, BlockLength, loader).AsTask()));
        Assert.All(results, result => Assert.Equal(Errno.EIO, result.Errno));
        loader.Fails = false;
        Result<BlockLease> again = await cache.GetAsync(default, BlockLength, loader);
        Assert.True(again.IsOk);
        again.Value.Dispose();
    }

    [Fact]
    public async Task A_loader_that_throws_fails_its_waiters_too()
    {
        using ContentCache cache = new();
        Loader loader = new() { Delay = true, Throws = true };
        Task<Result<BlockLease>>[] tasks = [.. Enumerable.Range(0, 4).Select(_ => cache.GetAsync(default, BlockLength, loader).AsTask())];
        await Task.WhenAny(Task.WhenAll(tasks), Task.Delay(TimeSpan.FromSeconds(30)));
        Assert.All(tasks, task => Assert.True(task.IsCompleted));
        Assert.All(tasks, task => Assert.True(task.IsFaulted));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public async Task Who_stops_waiting_leaves_the_load_to_the_others()
    {
        using ContentCache cache = new();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Loader loader = new() { Gate = gate.Task };
        using CancellationTokenSource source = new();
        Task<Result<BlockLease>> first = cache.GetAsync(default, BlockLength, loader, source.Token).AsTask();
        Task<Result<BlockLease>> second = cache.GetAsync(default, BlockLength, loader).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Check(default, (await second).Value);
        Assert.Equal(1, loader.Loads);
    }

    [Fact]
    public async Task The_budget_holds_and_what_is_used_stays()
    {
        using ContentCache cache = new(budget: 16 * BlockLength);
        Loader loader = new();
        BlockKey hot = new(1, 0, 0);
        for (ulong i = 0; i < 1000; i++)
        {
            (await cache.GetAsync(new BlockKey(1, 0, i), BlockLength, loader)).Value.Dispose();
            Assert.True(cache.TryGet(hot, out BlockLease lease));
            lease.Dispose();
            Assert.InRange(cache.Bytes, 0, cache.Budget);
        }
        Assert.False(cache.TryGet(new BlockKey(1, 0, 500), out _));
    }

    [Fact]
    public async Task A_leased_block_survives_eviction()
    {
        using ContentCache cache = new(budget: 2 * BlockLength);
        Loader loader = new();
        BlockKey key = new(9, 9, 9);
        BlockLease lease = (await cache.GetAsync(key, BlockLength, loader)).Value;
        for (ulong i = 0; i < 100; i++)
        {
            (await cache.GetAsync(new BlockKey(1, 0, i), BlockLength, loader)).Value.Dispose();
        }
        Check(key, lease);
        lease.Dispose();
    }

    [Fact]
    public void Shares_of_one_identity_share_blocks_and_live_sources_do_not()
    {
        using ContentCache cache = new();
        Assert.Equal(cache.OpenSource("a"), cache.OpenSource("a"));
        Assert.NotEqual(cache.OpenSource("a"), cache.OpenSource("b"));
        Assert.NotEqual(cache.OpenSource(""), cache.OpenSource(""));
    }

    [Fact]
    public async Task Readers_and_eviction_at_once_never_see_another_blocks_bytes()
    {
        using ContentCache cache = new(budget: 8 * BlockLength);
        Loader loader = new();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            Random random = new(worker);
            for (int i = 0; i < 20_000; i++)
            {
                BlockKey key = new(1, 1, (ulong)random.Next(32));
                Result<BlockLease> result = await cache.GetAsync(key, BlockLength, loader);
                Check(key, result.Value);
                result.Value.Dispose();
            }
        })));
    }

    private static void Check(BlockKey key, BlockLease lease)
    {
        Assert.Equal(BlockLength, lease.Span.Length);
        Assert.Equal(key.Index, BinaryPrimitives.ReadUInt64LittleEndian(lease.Span));
        Assert.Equal(key.Index, BinaryPrimitives.ReadUInt64LittleEndian(lease.Span[^8..]));
    }

    private sealed class Loader : BlockLoader
    {
        private int _loads;

        public bool Delay { get; set; }

        public Task Gate { get; set; } = Task.CompletedTask;

        public bool Fails { get; set; }

        public bool Throws { get; set; }

        public int Loads => _loads;

        public override async ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination)
        {
            Interlocked.Increment(ref _loads);
            await Gate;
            if (Delay)
            {
                await Task.Delay(50);
            }
            if (Throws)
            {
                throw new IOException("gone");
            }
            BinaryPrimitives.WriteUInt64LittleEndian(destination.Span, key.Index);
            BinaryPrimitives.WriteUInt64LittleEndian(destination.Span[^8..], key.Index);
            return Fails ? Errno.EIO : Errno.None;
        }
    }
}
