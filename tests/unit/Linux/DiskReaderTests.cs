using Kaleidofs.Host.Linux;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Tests.Unit.Linux;

public sealed class DiskReaderTests : IDisposable
{
    private const int Length = 3_000_000;

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _content = new byte[Length];
    private readonly SafeFileHandle _file;
    private readonly DiskReader _reader = new();

    public DiskReaderTests()
    {
        new Random(1).NextBytes(_content);
        File.WriteAllBytes(_folder.At("file"), _content);
        _file = File.OpenHandle(_folder.At("file"));
    }

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0, 4096, 4096)]
    [InlineData(1, 1, 1)]
    [InlineData(12345, 1 << 20, 4096)]
    [InlineData(777, 10_000, 3)]
    [InlineData(0, Length, 1000)]
    public async Task What_is_read_lands_in_the_segments_whatever_their_shape(long position, int count, int segment)
    {
        using NativeBuffer memory = new(count + 64);
        SegmentList segments = Split(memory, count, segment);
        SegmentWriter writer = new();
        writer.Start(segments, 0, count);
        Assert.Equal(count, await _reader.ReadAsync(_file, position, count, writer));
        Assert.Equal(count, writer.Written);
        Assert.Equal(_content.AsSpan((int)position, count).ToArray(), Bytes(memory, count));
        Assert.All(Bytes(memory, count + 64)[count..], octet => Assert.Equal(0, octet));
    }

    [Fact]
    public async Task Managed_memory_is_filled_as_well()
    {
        ArrayPayloadWriter writer = new(100_000);
        Assert.Equal(100_000, await _reader.ReadAsync(_file, 5, 100_000, writer));
        Assert.Equal(_content.AsSpan(5, 100_000), writer.Content.Span);
    }

    [Fact]
    public async Task A_read_over_the_end_is_short()
    {
        ArrayPayloadWriter writer = new(1000);
        Assert.Equal(10, await _reader.ReadAsync(_file, Length - 10, 1000, writer));
        Assert.Equal(_content[^10..], writer.Content.ToArray());
        Assert.Equal(0, await _reader.ReadAsync(_file, Length + 10, 1000, new ArrayPayloadWriter(1000)));
        Assert.False(_reader.TryReadNow(_file, Length - 10, new byte[11]));
    }

    [SkippableFact]
    public void What_is_in_memory_is_read_at_once_and_allocates_nothing()
    {
        byte[] destination = new byte[4096];
        Assert.Equal(4096, RandomAccess.Read(_file, destination, 8192));
        Skip.IfNot(_reader.TryReadNow(_file, 8192, destination), "the filesystem of temporary files cannot tell what is in memory");
        using NativeBuffer memory = new(8192);
        SegmentList segments = Split(memory, 8192, 4096);
        SegmentWriter writer = new();
        long before = 0;
        for (int i = 0; i < 1000; i++)
        {
            if (i == 100)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }
            writer.Start(segments, 0, 4096);
            ValueTask<int> read = _reader.ReadAsync(_file, 8192, 4096, writer);
            Assert.True(read.IsCompletedSuccessfully);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 900);
    }

    [Fact]
    public async Task A_closed_file_and_a_directory_fail_as_such()
    {
        using SafeFileHandle closed = File.OpenHandle(_folder.At("file"));
        closed.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _reader.ReadAsync(closed, 0, 10, new ArrayPayloadWriter(10)));
        using SafeFileHandle writeOnly = File.OpenHandle(_folder.At("other"), FileMode.Create, FileAccess.Write);
        await Assert.ThrowsAsync<IOException>(async () => await _reader.ReadAsync(writeOnly, 0, 10, new ArrayPayloadWriter(10)));
    }

    [Fact]
    public async Task Work_that_waits_does_not_hold_up_other_work()
    {
        using ManualResetEventSlim gate = new();
        Task<bool>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => _reader.RunAsync(() => gate.Wait(TimeSpan.FromSeconds(60))))];
        Assert.Equal(7, await _reader.RunAsync(() => 7).WaitAsync(TimeSpan.FromSeconds(30)));
        await Assert.ThrowsAsync<FormatException>(() => _reader.RunAsync<int>(() => throw new FormatException()));
        gate.Set();
        Assert.All(await Task.WhenAll(waiting), Assert.True);
    }

    [Fact]
    public async Task More_work_than_threads_is_done_in_its_order()
    {
        WaitingThreads threads = new(limit: 1);
        List<int> seen = [];
        TaskCompletionSource done = new();
        for (int i = 0; i < 1000; i++)
        {
            int number = i;
            threads.Enqueue(() =>
            {
                seen.Add(number);
                if (number == 999)
                {
                    done.SetResult();
                }
            });
        }
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(0, 1000), seen);
    }

    private static SegmentList Split(NativeBuffer memory, int count, int segment)
    {
        SegmentList segments = new();
        for (int done = 0; done < count; done += segment)
        {
            segments.Add(memory.Pointer + done, Math.Min(segment, count - done));
        }
        return segments;
    }

    private static unsafe byte[] Bytes(NativeBuffer memory, int count) => new ReadOnlySpan<byte>((void*)memory.Pointer, count).ToArray();
}
