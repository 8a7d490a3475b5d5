using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>What is measured of the SMB driver's client: each work returns how much was done.</summary>
internal sealed class SmbClientWorks(SmbShare share, double seconds)
{
    private const int RandomLength = 64 << 10;
    private const int SmallLength = 4 << 10;
    private const int StreamLength = 1 << 20;
    private const long LargeLength = (long)SmbClientBenchmark.Mebibytes << 20;

    private static readonly CreateParameters Reading = new(AccessMask.ReadData | AccessMask.ReadAttributes, Options: CreateOptions.NonDirectory);

    private readonly long _start = Stopwatch.GetTimestamp();

    private bool IsOver => Stopwatch.GetElapsedTime(_start).TotalSeconds >= seconds;

    public async Task<double> ReadRandomAsync(int depth)
    {
        FileId file = await OpenAsync("large", Reading).ConfigureAwait(false);
        double done = await RunAsync(depth, async job =>
        {
            Destination destination = new(RandomLength);
            Random random = new(job);
            long count = 0;
            for (; !IsOver; count++)
            {
                await ReadAsync(file, random.NextInt64(LargeLength / RandomLength) * RandomLength, destination).ConfigureAwait(false);
            }
            return count;
        }).ConfigureAwait(false);
        await share.CloseAsync(file).ConfigureAwait(false);
        return done;
    }

    public Task<double> StatAsync(int depth) => RunAsync(depth, async job =>
    {
        long count = 0;
        for (; !IsOver; count++)
        {
            SmbResult<(FileFacts Facts, string Name)> found = await share.FindAsync("many", GetName(job, depth, count)).ConfigureAwait(false);
            if (!found.IsOk || found.Value.Facts.Size != SmallLength)
            {
                throw new IOException($"a file is not found: {found.Status}");
            }
        }
        return count;
    });

    public Task<double> OpenAsync(int depth) => RunAsync(depth, async job =>
    {
        Destination destination = new(SmallLength);
        long count = 0;
        for (; !IsOver; count++)
        {
            FileId file = await OpenAsync("many\\" + GetName(job, depth, count), Reading).ConfigureAwait(false);
            await ReadAsync(file, 0, destination).ConfigureAwait(false);
            await share.CloseAsync(file).ConfigureAwait(false);
        }
        return count;
    });

    public Task<double> ListAsync() => RunAsync(1, async _ =>
    {
        long count = 0;
        while (!IsOver)
        {
            FileId directory = await OpenAsync("many", Reading with { Options = CreateOptions.Directory }).ConfigureAwait(false);
            for (bool isFirst = true; await share.ListAsync(directory, isFirst, CancellationToken.None).ConfigureAwait(false) is { IsOk: true } list; isFirst = false)
            {
                int at = 0;
                while (DirectoryEntries.TryRead(list.Value, ref at, out FileFacts _, out ReadOnlySpan<byte> _, out bool _))
                {
                    count++;
                }
            }
            await share.CloseAsync(directory).ConfigureAwait(false);
        }
        return count;
    });

    public async Task<double> StreamAsync(int depth)
    {
        FileId file = await OpenAsync("large", Reading).ConfigureAwait(false);
        long next = -StreamLength;
        double done = await RunAsync(depth, async _ =>
        {
            Destination destination = new(StreamLength);
            for (long at; (at = Interlocked.Add(ref next, StreamLength)) < LargeLength;)
            {
                await ReadAsync(file, at, destination).ConfigureAwait(false);
            }
            return 0;
        }).ConfigureAwait(false);
        await share.CloseAsync(file).ConfigureAwait(false);
        return done;
    }

    public async Task<double> WriteAsync(int depth)
    {
        FileId file = await OpenAsync("written", new CreateParameters(AccessMask.WriteData | AccessMask.ReadAttributes, CreateDisposition.OverwriteOrCreate, CreateOptions.NonDirectory)).ConfigureAwait(false);
        long next = -StreamLength;
        double done = await RunAsync(depth, async _ =>
        {
            byte[] content = new byte[StreamLength];
            for (long at; (at = Interlocked.Add(ref next, StreamLength)) < LargeLength;)
            {
                for (int sent = 0; sent < StreamLength;)
                {
                    SmbResult<int> written = await share.WriteAsync(file, at + sent, content.AsMemory(sent, Math.Min(share.MaxWrite, StreamLength - sent))).ConfigureAwait(false);
                    sent += written.IsOk ? written.Value : throw new IOException($"a write failed: {written.Status}");
                }
            }
            return 0;
        }).ConfigureAwait(false);
        await share.CloseAsync(file).ConfigureAwait(false);
        return done;
    }

    private static async Task<double> RunAsync(int depth, Func<int, Task<long>> work)
        => (await Task.WhenAll(Enumerable.Range(0, depth).Select(job => Task.Run(() => work(job)))).ConfigureAwait(false)).Sum();

    private static string GetName(int job, int depth, long count)
        => string.Create(CultureInfo.InvariantCulture, $"f{(job + (count * depth)) % SmbClientBenchmark.Files:00000}");

    private async Task<FileId> OpenAsync(string path, CreateParameters parameters)
    {
        SmbResult<CreateAnswer> opened = await share.CreateAsync(path, parameters).ConfigureAwait(false);
        return opened.IsOk ? opened.Value.Id : throw new IOException($"{path} is not opened: {opened.Status}");
    }

    private async Task ReadAsync(FileId file, long offset, Destination destination)
    {
        destination.Clear();
        for (int left = destination.Left; left > 0; left = destination.Left)
        {
            SmbResult<int> read = await share.ReadAsync(file, offset, Math.Min(left, share.MaxRead), destination, CancellationToken.None).ConfigureAwait(false);
            offset += read.IsOk && read.Value > 0 ? read.Value : throw new IOException($"a read failed: {read.Status}");
        }
    }

    /// <summary>Memory that is read into.</summary>
    private sealed class Destination(int length) : IBufferWriter<byte>
    {
        private readonly byte[] _memory = new byte[length];
        private int _written;

        public int Left => length - _written;

        public void Clear() => _written = 0;

        public void Advance(int count) => _written += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _memory.AsMemory(_written);

        public Span<byte> GetSpan(int sizeHint = 0) => _memory.AsSpan(_written);
    }
}
