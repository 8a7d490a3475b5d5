using System.Diagnostics;
using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.DevFuse.Uring;
using Kaleidofs.Host.Linux;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Host;

namespace Kaleidofs.Tests.Unit.DevFuse;

/// <summary>What a mount on this machine promises, however its requests come. The server is in this process.</summary>
[Collection(ProgramCollection.Name)]
public abstract class MountedServerTests : IAsyncLifetime
{
    private readonly IoUringMode _mode;
    private readonly WaitingFileSystem _waiting = new();
    private MountedServer? _mounted;

    private protected MountedServerTests(IoUringMode mode) => _mode = mode;

    /// <summary>Why it cannot be tested here, or null.</summary>
    protected abstract string? Missing { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_mounted is not null)
        {
            await _mounted.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task What_waits_holds_up_nobody_even_with_one_thread()
    {
        MountedServer mounted = Mount(_waiting, threads: 1);
        Task<CommandResult>[] readers = [.. Enumerable.Range(0, 20).Select(i => CatAsync(mounted.At($"slow{i}")))];
        WaitUntil(() => _waiting.Waiting == readers.Length);

        Assert.Equal("quick", (await CatAsync(mounted.At("quick"))).Succeeded().Text);
        // In any order, whatever the order in which they came.
        foreach (int i in (int[])[7, 19, 0])
        {
            _waiting.Release(i);
            Assert.Equal($"slow{i}", (await readers[i]).Succeeded().Text);
        }
        Assert.Equal(readers.Length - 3, _waiting.Waiting);
        _waiting.Release(1, Errno.EIO);
        Assert.Contains("Input/output error", (await readers[1]).Error);
        for (int i = 0; i < readers.Length; i++)
        {
            _waiting.Release(i);
        }
        await Task.WhenAll(readers);
        Assert.Empty(mounted.Log.Lines);
    }

    [SkippableFact]
    public async Task Hundreds_of_reads_wait_at_once_beside_one_that_does_not()
    {
        const int Count = 300;
        MountedServer mounted = Mount(_waiting, threads: 2);
        Task<string>[] readers = new Task<string>[Count];
        for (int i = 0; i < Count; i++)
        {
            readers[i] = ReadAsync(mounted.At($"slow{i}"));
            int expected = i + 1;
            WaitUntil(() => _waiting.Waiting == expected);
        }
        Assert.Equal("quick", await ReadAsync(mounted.At("quick")));
        for (int i = Count - 1; i >= 0; i--)
        {
            _waiting.Release(i);
        }
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"slow{i}"), await Task.WhenAll(readers));
        Assert.Empty(mounted.Log.Lines);
    }

    [SkippableFact]
    public async Task A_reader_that_is_killed_cancels_its_request_and_leaves_no_trace()
    {
        MountedServer mounted = Mount(_waiting, threads: 2);
        using Process reader = Process.Start("cat", [mounted.At("slow0")]);
        WaitUntil(() => _waiting.Waiting == 1);
        reader.Kill();
        WaitUntil(() => _waiting.Cancelled == 1);
        reader.WaitForExit();

        Task<CommandResult> next = CatAsync(mounted.At("slow0"));
        WaitUntil(() => _waiting.Waiting == 1);
        _waiting.Release(0);
        Assert.Equal("slow0", (await next).Succeeded().Text);
        Assert.Empty(mounted.Log.Lines);
    }

    [SkippableFact]
    public void A_reader_that_is_killed_before_its_request_waits_is_cancelled_too()
    {
        MountedServer mounted = Mount(_waiting, threads: 2);
        using ManualResetEventSlim gate = _waiting.HoldReads();
        using Process reader = Process.Start("cat", [mounted.At("slow0")]);
        WaitUntil(() => _waiting.Held == 1);
        reader.Kill();
        // The thread that has the request is held up, so that the INTERRUPT comes first.
        Thread.Sleep(300);
        gate.Set();
        WaitUntil(() => _waiting.Cancelled == 1);
        reader.WaitForExit();
        Assert.Empty(mounted.Log.Lines);
    }

    [SkippableFact]
    public async Task A_read_that_is_in_flight_when_the_server_stops_is_answered()
    {
        MountedServer mounted = Mount(_waiting, threads: 1);
        Task<CommandResult> reader = CatAsync(mounted.At("slow0"));
        WaitUntil(() => _waiting.Waiting == 1);
        Task stopping = mounted.Server.StopAsync();
        Assert.False(mounted.Server.Ended.IsCompleted);
        _waiting.Release(0);
        Assert.Equal("slow0", (await reader).Succeeded().Text);
        await stopping;
        Assert.True(mounted.Server.Ended.IsCompletedSuccessfully);
        Assert.Null(MountTable.Find(mounted.Mountpoint));
        Assert.Contains(mounted.Log.Lines, line => line.Contains("is in use"));
    }

    [SkippableFact]
    public async Task The_server_ends_by_itself_when_somebody_unmounts()
    {
        MountedServer mounted = Mount(_waiting, threads: 4);
        Shell.Run("umount \"$1\"", mounted.Mountpoint).Succeeded();
        await mounted.Server.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(mounted.Log.Lines);
    }

    [SkippableFact]
    public async Task Stopping_twice_and_after_the_end_is_harmless()
    {
        MountedServer mounted = Mount(_waiting, threads: 1);
        await mounted.Server.StopAsync();
        await mounted.Server.StopAsync();
        await mounted.Server.DisposeAsync();
        Assert.Null(MountTable.Find(mounted.Mountpoint));
    }

    [SkippableFact]
    public async Task Descriptors_and_mounts_do_not_pile_up()
    {
        int before = OpenDescriptors();
        for (int i = 0; i < 20; i++)
        {
            MountedServer mounted = Mount(_waiting, threads: 3);
            Assert.Equal("quick", (await CatAsync(mounted.At("quick"))).Succeeded().Text);
            await mounted.DisposeAsync();
            Assert.Null(MountTable.Find(mounted.Mountpoint));
            Assert.Empty(mounted.Log.Lines);
        }
        Assert.Equal(before, OpenDescriptors());
    }

    [SkippableFact]
    public void A_read_or_write_of_one_mebibyte_is_one_request()
    {
        PatternedFileSystem content = new(OpenOptions.DirectIO);
        MountedServer mounted = Mount(content, threads: 2, isReadOnly: false);
        using FileStream file = new(mounted.At("file"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        using NativeBuffer buffer = new(1 << 20);
        // In whole pages: the kernel counts those that the caller's memory touches.
        Span<byte> bytes = new BufferSegment(buffer.Pointer, 1 << 20).Span;
        file.Position = 12345;
        Assert.Equal(bytes.Length, file.Read(bytes));
        Assert.True(PatternedFileSystem.IsPattern(bytes, 12345));
        Assert.Equal([bytes.Length], content.Reads);

        file.Position = 1 << 21;
        file.Write(bytes);
        Assert.Equal([bytes.Length], content.Writes);
        Assert.True(bytes.SequenceEqual(content.LastWritten));
    }

    [SkippableFact]
    public void What_is_read_in_order_through_the_page_cache_comes_in_requests_of_one_mebibyte()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "the kernel's read-ahead is root's to raise");
        PatternedFileSystem content = new(OpenOptions.None);
        MountedServer mounted = Mount(content, threads: 2);
        Skip.If(MountTable.Find(mounted.Mountpoint) is { } mount && File.ReadAllText($"/sys/class/bdi/{mount.Device}/read_ahead_kb").Trim() != "1024", "sysfs is read-only here");
        byte[] bytes = File.ReadAllBytes(mounted.At("file"));
        Assert.True(PatternedFileSystem.IsPattern(bytes, 0));
        Assert.Contains(1 << 20, content.Reads);
        Assert.True(content.Reads.Length <= 2 * bytes.Length >> 20, string.Join(' ', content.Reads));
    }

    [SkippableFact]
    public async Task Many_threads_read_what_is_there()
    {
        MountedServer mounted = Mount(new PatternedFileSystem(OpenOptions.DirectIO), threads: 2);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(seed => Detach(() =>
        {
            Random random = new(seed);
            byte[] buffer = new byte[256 << 10];
            using FileStream file = new(mounted.At("file"), FileMode.Open, FileAccess.Read, FileShare.Read, 0);
            for (int i = 0; i < 200; i++)
            {
                int offset = random.Next((int)file.Length);
                int wanted = random.Next(buffer.Length);
                file.Position = offset;
                int read = file.Read(buffer, 0, wanted);
                Assert.Equal(Math.Min(wanted, (int)file.Length - offset), read);
                Assert.True(PatternedFileSystem.IsPattern(buffer.AsSpan(0, read), offset));
                Assert.False(File.Exists(mounted.At($"none{random.Next(4)}")));
            }
            return true;
        })));
        Assert.Empty(mounted.Log.Lines);
    }

    [SkippableTheory]
    [InlineData("umount -l \"$1\"")]
    [InlineData("umount -f \"$1\" || umount -l -f \"$1\"")]
    [InlineData("")]
    public async Task The_server_ends_under_load(string unmount)
    {
        Skip.If(unmount.Contains("-f", StringComparison.Ordinal) && !Environment.IsPrivilegedProcess, "not root");
        MountedServer mounted = Mount(new PatternedFileSystem(OpenOptions.DirectIO), threads: 2);
        using CancellationTokenSource stop = new();
        int served = 0;
        Task<bool>[] readers = [.. Enumerable.Range(0, 8).Select(i => Detach(() =>
        {
            byte[] buffer = new byte[1 << (10 + i)];
            try
            {
                using FileStream file = new(mounted.At("file"), FileMode.Open, FileAccess.Read, FileShare.Read, 0);
                while (!stop.IsCancellationRequested)
                {
                    file.Position = 0;
                    _ = file.Read(buffer);
                    Interlocked.Increment(ref served);
                }
                return false;
            }
            catch (IOException)
            {
                return true;
            }
        }))];
        WaitUntil(() => Volatile.Read(ref served) > 200);
        if (unmount.Length > 0)
        {
            Shell.Run(unmount, mounted.Mountpoint).Succeeded();
        }
        else
        {
            await mounted.Server.DisposeAsync();
        }
        // Detached without force, it lives until its last user has left.
        await stop.CancelAsync();
        bool[] failed = await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(60));
        await mounted.Server.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.DoesNotContain(mounted.Log.Lines, line => line.Contains("fail"));
        Assert.True(failed.Length == readers.Length);
    }

    internal static void WaitUntil(Func<bool> condition)
        => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(60)), "waited in vain");

    internal MountedServer Mount(FileSystem fileSystem, int threads, bool isReadOnly = true)
    {
        Skip.If(Missing is not null, Missing);
        _mounted = new MountedServer(fileSystem, _mode, threads, isReadOnly);
        Assert.Equal(_mode == IoUringMode.On, _mounted.Server.IsOverIoUring);
        return _mounted;
    }

    internal static Task<CommandResult> CatAsync(string path) => Detach(() => Shell.Run("exec cat \"$1\"", path));

    /// <summary>Reads a file in this process, on a thread of its own, which the kernel may hold as long as it likes.</summary>
    internal static Task<string> ReadAsync(string path) => Detach(() => File.ReadAllText(path));

    private static Task<T> Detach<T>(Func<T> action)
        => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Those that a mount has: of the device, and what belongs to rings.</summary>
    private static int OpenDescriptors() => Directory.GetFiles("/proc/self/fd")
        .Count(path => new FileInfo(path).LinkTarget is "/dev/fuse" or "anon_inode:[io_uring]" or "anon_inode:[eventfd]");
}
