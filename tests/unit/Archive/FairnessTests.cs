using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Host.Linux;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>One source's decoding does not keep another's waiting.</summary>
public sealed class FairnessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _directory = new();
    private readonly ContentCache _cache = new(0);

    public void Dispose()
    {
        _cache.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_source_with_endless_work_leaves_room_for_the_others()
    {
        using ManualResetEventSlim gate = new();
        DriverContext busy = Context("");
        DriverContext quiet = Context("");
        // More than a guest can have outstanding on a queue, and none of it ends: on threads that all share, everything else would come after it.
        Task<bool>[] work = [.. Enumerable.Range(0, 4096).Select(_ => Start(busy, gate.Wait))];
        try
        {
            for (int i = 0; i < 10; i++)
            {
                await Start(quiet, static () => { }).WaitAsync(Limit);
            }
            Assert.DoesNotContain(work, task => task.IsCompleted);
        }
        finally
        {
            gate.Set();
        }
        await Task.WhenAll(work).WaitAsync(Limit);
    }

    [Theory]
    [InlineData("medium", 8)]
    [InlineData("large", 8)]
    [InlineData("large", 0)]
    public async Task An_archive_decodes_and_checks_on_threads_of_its_own(string name, ushort method)
    {
        string path = Zip(method);
        using ManualResetEventSlim gate = new();
        DriverContext context = Context(path);
        await using FileSystem busy = await new ArchiveDriver().OpenAsync(context, CancellationToken.None);
        await using FileSystem quiet = await new ArchiveDriver().OpenAsync(Context(Zip(method, "other.zip")), CancellationToken.None);
        Task<bool>[] work = [.. Enumerable.Range(0, 100).Select(_ => Start(context, gate.Wait))];
        Task<byte[]> waiting;
        try
        {
            waiting = ReadAsync(new MemoryTransport(busy), name);
            byte[] read = await ReadAsync(new MemoryTransport(quiet), name).WaitAsync(Limit);
            Assert.Equal(Errno.None, FuseMessage.ErrorOf(read));
            Assert.False(waiting.IsCompleted);
        }
        finally
        {
            gate.Set();
        }
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(await waiting.WaitAsync(Limit)));
        await Task.WhenAll(work).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_short_entry_that_is_in_memory_waits_for_no_thread()
    {
        using ManualResetEventSlim gate = new();
        DriverContext context = Context(Zip(8));
        await using FileSystem busy = await new ArchiveDriver().OpenAsync(context, CancellationToken.None);
        Task<bool>[] work = [.. Enumerable.Range(0, 100).Select(_ => Start(context, gate.Wait))];
        try
        {
            Assert.Equal(Errno.None, FuseMessage.ErrorOf(await ReadAsync(new MemoryTransport(busy), "small").WaitAsync(Limit)));
            Assert.DoesNotContain(work, task => task.IsCompleted);
        }
        finally
        {
            gate.Set();
        }
        await Task.WhenAll(work).WaitAsync(Limit);
    }

    private static Task<bool> Start(DriverContext context, Action action) => context.Files.RunAsync(() =>
    {
        action();
        return true;
    });

    private static Task<byte[]> ReadAsync(MemoryTransport transport, string name)
    {
        ulong inode = FuseMessage.BodyOf<EntryOut>(transport.Lookup(FileSystem.RootInode, name)).NodeId;
        return transport.CallAsync(FuseMessage.Build(Opcode.Read, inode, new ReadIn { Size = 4096 }), 4096 + 16);
    }

    private string Zip(ushort method, string name = "x.zip")
    {
        ZipWriter zip = new();
        zip.Add("small"u8.ToArray(), TestContent.MakeText(1, 10_000), method);
        zip.Add("medium"u8.ToArray(), TestContent.MakeText(2, 100_000), method);
        zip.Add("large"u8.ToArray(), TestContent.MakeText(name.Length, 1_000_000), method);
        return _directory.Write(name, zip.ToArray());
    }

    private DriverContext Context(string source) => new() { Source = source, Scheme = "zip", Cache = _cache, Files = new DiskReader(), Options = new Dictionary<string, string> { ["index"] = "none" } };
}
