using System.Text;
using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.DevFuse.Uring;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Host;
using Kaleidofs.Tests.Unit.VhostUser;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>An archive on a disk that stops answering: a mount of this process's, whose reads wait until the test lets them go.</summary>
[Collection(ProgramCollection.Name)]
public sealed class SlowDiskTests
{
    private static readonly byte[] Content = TestContent.MakeText(3, 300_000);

    public static TheoryData<string> Archives => ["stored.zip", "deflated.zip", "plain.tar", "small.zip"];

    [SkippableTheory]
    [MemberData(nameof(Archives))]
    public async Task Whoever_asks_waits_for_no_disk(string name)
    {
        Skip.If(!File.Exists("/dev/fuse") || !Environment.IsPrivilegedProcess, "mounting needs /dev/fuse and root");
        byte[] content = name.StartsWith("small", StringComparison.Ordinal) ? Content[..5000] : Content;
        DiskFileSystem disk = new(name switch
        {
            "plain.tar" => new TarWriter().Add("file", Encoding.UTF8.GetString(content)).ToArray(),
            "deflated.zip" => Zip(content, method: 8),
            _ => Zip(content, method: 0),
        });
        using TemporaryFolder folder = new();
        FuseMountOptions options = new() { Source = "disk", IoUring = IoUringMode.Off };
        await using DevFuseServer server = DevFuseServer.Start(disk, Directory.CreateDirectory(folder.At("disk")).FullName, options, new CollectedLog());
        await using Browser browser = await Browser.OpenAsync(folder.At("disk/archive"));
        ulong inode = await browser.FindAsync("file");

        disk.Stop();
        ArrayPayloadWriter destination = new(1000);
        // On a thread of its own, so that the test fails and does not hang if it waits.
        ValueTask<Errno> read = await Task.Run(() => browser.FileSystem.ReadAsync(default, inode, 0, 100, destination)).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(read.IsCompleted);
        // Whoever asks for what needs no disk gets it.
        Assert.Equal(inode, await browser.FindAsync("file"));
        disk.Continue();
        Assert.Equal(Errno.None, await read.AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(content.AsSpan(100, 1000), destination.Content.Span);
    }

    private static byte[] Zip(byte[] content, ushort method)
    {
        ZipWriter zip = new();
        zip.Add("file"u8.ToArray(), content, method);
        return zip.ToArray();
    }

    /// <summary>One file, whose pages nobody keeps.</summary>
    private sealed class DiskFileSystem(byte[] content) : FileSystem
    {
        private const ulong FileInode = 2;

        private volatile TaskCompletionSource? _gate;

        public override FileSystemInfo Info { get; } = new() { IsReadOnly = true };

        public void Stop() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Continue() => _gate!.SetResult();

        public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
            => name.Span.SequenceEqual("archive"u8) ? new(new Entry { Attributes = AttributesOf(FileInode) }) : new(Errno.ENOENT);

        public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
            => new(new CachedAttributes(AttributesOf(inode), CacheTime.None));

        public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags) => new(new OpenedFile(0, OpenOptions.DirectIO));

        public override async ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
        {
            if (_gate is { } gate)
            {
                await gate.Task;
            }
            destination.Write(content.AsSpan((int)Math.Min(offset, content.Length)));
            return Errno.None;
        }

        private Attributes AttributesOf(ulong inode) => new()
        {
            Inode = inode,
            Mode = inode == RootInode ? FileType.Directory | 0x1FF : FileType.Regular | 0x1A4,
            LinkCount = 1,
            Size = inode == RootInode ? 0 : (ulong)content.Length,
        };
    }
}
