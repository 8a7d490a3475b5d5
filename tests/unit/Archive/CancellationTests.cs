using Kaleidofs.Host.Linux;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class CancellationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Nothing_is_written_for_a_caller_who_is_gone()
    {
        byte[] content = TestContent.MakeText(1, 3_000_000);
        ZipWriter zip = new();
        zip.Add("deflated"u8.ToArray(), content, 8);
        zip.Add("stored"u8.ToArray(), content);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()));
        foreach (string name in new[] { "deflated", "stored" })
        {
            ulong inode = await browser.FindAsync(name);
            using CancellationTokenSource source = new();
            await source.CancelAsync();
            SegmentedPayload payload = new(1_000_000, 4096);
            Errno errno = await browser.FileSystem.ReadAsync(new RequestContext(0, 0, 0, new Cancellation(source.Token)), inode, 0, 1_500_000, payload);
            Assert.Equal((Errno.EINTR, 0), (errno, payload.Written));
            // Another caller is not disturbed.
            (errno, byte[] read) = await browser.ReadAsync(inode, 1_500_000, 1_000_000);
            Assert.Equal(Errno.None, errno);
            Assert.True(content.AsSpan(1_500_000, 1_000_000).SequenceEqual(read));
        }
    }

    [Fact]
    public async Task Opening_ends_when_it_is_cancelled()
    {
        string path = _directory.Write("x.tgz", TarWriter.Gzip(new TarWriter().Add("zeros"u8.ToArray(), new byte[10 << 20]).ToArray()));
        using CancellationTokenSource source = new();
        await source.CancelAsync();
        using Kaleidofs.Caching.ContentCache cache = new(0);
        DriverContext context = new() { Source = path, Scheme = "tar", Cache = cache, Files = new DiskReader() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await new Kaleidofs.Drivers.Archive.ArchiveDriver().OpenAsync(context, source.Token));
    }

    private sealed class Cancellation(CancellationToken token) : IRequestCancellation
    {
        public CancellationToken Token => token;
    }
}
