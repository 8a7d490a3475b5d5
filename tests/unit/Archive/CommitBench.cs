using System.Security.Cryptography;
using System.Text;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Unit.Transforms.Overlay;
using Kaleidofs.Transforms.Overlay;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>An archive with an overlay: changed by paths, committed, and compared.</summary>
internal sealed class CommitBench : IAsyncDisposable
{
    private static readonly DiskReader Disk = new();

    private readonly ContentCache _cache = new(1 << 20);

    private CommitBench(string archive, string overlay, Dictionary<string, string> options)
    {
        Archive = archive;
        Context = new() { Source = archive, Scheme = "archive", Cache = _cache, Files = Disk, Log = Log, Options = options };
        Settings = new() { Directory = overlay, Source = archive, Files = Disk, Writer = new DiskWriter(), Log = Log };
    }

    public string Archive { get; }

    public RecordingLog Log { get; } = new();

    public DriverContext Context { get; }

    public OverlaySettings Settings { get; }

    /// <summary>The archive as the overlay shows it.</summary>
    public OverlaidTree Tree { get; private set; } = null!;

    public static async Task<CommitBench> OpenAsync(string archive, params (string Key, string Value)[] options)
    {
        CommitBench bench = new(archive, archive + ".overlay", options.Append((Key: "index", Value: "none")).DistinctBy(option => option.Key).ToDictionary());
        FileSystem lower = await new ArchiveDriver().OpenAsync(bench.Context, CancellationToken.None);
        try
        {
            bench.Tree = new OverlaidTree(await OverlayFileSystem.OpenAsync(lower, bench.Settings), new());
        }
        catch
        {
            await lower.DisposeAsync();
            throw;
        }
        return bench;
    }

    /// <summary>Commits; the changes are returned, for what a process would do next.</summary>
    public async Task<OverlayChanges> CommitAsync(Func<ChangeSet, ChangeSet>? wrap = null)
    {
        OverlayChanges changes = await Tree.FileSystem.CollectChangesAsync();
        await new ArchiveDriver().CommitAsync(Context, wrap is null ? changes : wrap(changes), CancellationToken.None);
        return changes;
    }

    /// <summary>Commits and empties the overlay, as the program does; returns the tree that there was before, with the changes.</summary>
    public static async Task<List<string>> CommitAsync(string archive, Func<OverlaidTree, Task> change)
    {
        await using CommitBench bench = await OpenAsync(archive);
        await change(bench.Tree);
        List<string> shown = await DescribeAsync(bench.Tree.FileSystem);
        await (await bench.CommitAsync()).RetireAsync();
        return shown;
    }

    /// <summary>Everything that is committed, a line an entry. A zip has times to 100 ns, no extended attributes, and no links.</summary>
    public static async Task<List<string>> DescribeAsync(FileSystem fileSystem, bool isZip = false)
    {
        List<string> lines = [];
        await DescribeAsync(fileSystem, FileSystem.RootInode, "", isZip, lines);
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    /// <summary>The same of an archive.</summary>
    public static async Task<List<string>> DescribeAsync(string archive, bool isZip = false)
    {
        await using Browser browser = await Browser.OpenAsync(archive);
        return await DescribeAsync(browser.FileSystem, isZip);
    }

    public async ValueTask DisposeAsync()
    {
        await Tree.DisposeAsync();
        _cache.Dispose();
    }

    private static async Task DescribeAsync(FileSystem fileSystem, ulong directory, string prefix, bool isZip, List<string> lines)
    {
        ulong handle = (await fileSystem.OpenDirectoryAsync(default, directory)).Value.Handle;
        ListedNames all = new(1000);
        Assert.Equal(Errno.None, await fileSystem.ListAsync(default, directory, handle, 0, all));
        await fileSystem.ReleaseDirectoryAsync(default, directory, handle);
        foreach ((string name, Entry entry) in all.All)
        {
            Attributes attributes = entry.Attributes;
            string content = "";
            if (attributes.IsRegularFile)
            {
                ulong file = (await fileSystem.OpenAsync(default, attributes.Inode, OpenFlags.ReadOnly)).Value.Handle;
                ArrayPayloadWriter bytes = new((int)attributes.Size + 1);
                Assert.Equal(Errno.None, await fileSystem.ReadAsync(default, attributes.Inode, file, 0, bytes));
                await fileSystem.ReleaseAsync(default, attributes.Inode, file);
                content = $"{attributes.Size} {Convert.ToHexStringLower(SHA256.HashData(bytes.Content.Span))}";
            }
            else if (attributes.IsSymbolicLink)
            {
                content = "-> " + Encoding.UTF8.GetString((await fileSystem.ReadLinkAsync(default, attributes.Inode)).Value.Span);
            }
            Result<ReadOnlyMemory<byte>> names = await fileSystem.ListExtendedAttributesAsync(default, attributes.Inode);
            string extended = names.IsOk && !isZip ? Encoding.UTF8.GetString(names.Value.Span).Replace('\0', ' ') : "";
            uint links = isZip || attributes.IsDirectory ? 0 : attributes.LinkCount;
            uint nanoseconds = isZip ? attributes.ModificationTime.Nanoseconds / 100 * 100 : attributes.ModificationTime.Nanoseconds;
            lines.Add($"{prefix}{name} {attributes.Mode:x} {attributes.UserId}:{attributes.GroupId} {attributes.ModificationTime.Seconds}.{nanoseconds:D9} {links} {extended}{content}");
            if (attributes.IsDirectory)
            {
                await DescribeAsync(fileSystem, attributes.Inode, $"{prefix}{name}/", isZip, lines);
            }
        }
    }
}
