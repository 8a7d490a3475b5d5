using System.Text;
using Kaleidofs.Trees;

namespace Kaleidofs.Tests.Unit.Trees;

public sealed class TreeFileSystemTests
{
    private static readonly TreeNode File = new() { Mode = FileType.Regular | 0x1A4, Size = 1000 };
    private static readonly TreeNode Directory = new() { Mode = FileType.Directory | 0x1ED };

    private static OffsetsFileSystem Make(int entries = 10)
    {
        TreeBuilder builder = new(Directory);
        for (int i = 0; i < entries; i++)
        {
            builder.Add(Encoding.UTF8.GetBytes($"dir/file{i}"), File, out _);
        }
        builder.Add("link"u8, new TreeNode { Mode = FileType.SymbolicLink | 0x1FF }, out int link);
        builder.SetTarget(link, "dir/file1"u8);
        return new OffsetsFileSystem(builder.Build());
    }

    private static async Task<Entry> FindAsync(FileSystem fileSystem, ulong parent, string name)
        => (await fileSystem.LookupAsync(default, parent, Encoding.UTF8.GetBytes(name))).Value;

    [Fact]
    public async Task Numbers_that_were_never_given_out_are_stale()
    {
        await using OffsetsFileSystem fileSystem = Make();
        foreach (ulong inode in new ulong[] { 0, 100, uint.MaxValue, (ulong)uint.MaxValue + 2, 1ul << 63, ulong.MaxValue })
        {
            Assert.Equal(Errno.ESTALE, (await fileSystem.GetAttributesAsync(default, inode, null)).Errno);
            Assert.Equal(Errno.ESTALE, (await fileSystem.LookupAsync(default, inode, "x"u8.ToArray())).Errno);
            Assert.Equal(Errno.ESTALE, await fileSystem.ListAsync(default, inode, 0, 0, new Names(10)));
            Assert.Equal(Errno.ESTALE, await fileSystem.ReadAsync(default, inode, 0, 0, new ArrayPayloadWriter(10)));
            Assert.Equal(Errno.ESTALE, (await fileSystem.ReadLinkAsync(default, inode)).Errno);
            Assert.Equal(Errno.ESTALE, (await fileSystem.GetParentAsync(default, inode)).Errno);
            Assert.Equal(Errno.ESTALE, (await fileSystem.OpenAsync(default, inode, OpenFlags.ReadOnly)).Errno);
        }
    }

    [Fact]
    public async Task What_is_asked_of_the_wrong_type_gets_its_errno()
    {
        await using OffsetsFileSystem fileSystem = Make();
        ulong directory = (await FindAsync(fileSystem, 1, "dir")).Attributes.Inode;
        ulong file = (await FindAsync(fileSystem, directory, "file0")).Attributes.Inode;
        ulong link = (await FindAsync(fileSystem, 1, "link")).Attributes.Inode;
        Assert.Equal(Errno.ENOTDIR, (await fileSystem.LookupAsync(default, file, "x"u8.ToArray())).Errno);
        Assert.Equal(Errno.ENOTDIR, await fileSystem.ListAsync(default, file, 0, 0, new Names(10)));
        Assert.Equal(Errno.ENOTDIR, (await fileSystem.OpenDirectoryAsync(default, file)).Errno);
        Assert.Equal(Errno.EISDIR, await fileSystem.ReadAsync(default, directory, 0, 0, new ArrayPayloadWriter(10)));
        Assert.Equal(Errno.EISDIR, (await fileSystem.OpenAsync(default, directory, OpenFlags.ReadOnly)).Errno);
        Assert.Equal(Errno.EINVAL, await fileSystem.ReadAsync(default, link, 0, 0, new ArrayPayloadWriter(10)));
        Assert.Equal(Errno.EINVAL, (await fileSystem.ReadLinkAsync(default, file)).Errno);
        Assert.Equal(Errno.EROFS, (await fileSystem.OpenAsync(default, file, OpenFlags.ReadWrite)).Errno);
        Assert.Equal(Errno.ENOSYS, (await fileSystem.ListExtendedAttributesAsync(default, file)).Errno);
        Assert.Equal((directory, 1ul, 1ul), ((await fileSystem.GetParentAsync(default, file)).Value, (await fileSystem.GetParentAsync(default, directory)).Value, (await fileSystem.GetParentAsync(default, 1)).Value));
    }

    [Fact]
    public async Task Absent_names_may_be_cached_for_ever()
    {
        await using OffsetsFileSystem fileSystem = Make();
        Entry absent = await FindAsync(fileSystem, 1, "absent");
        Assert.Equal((0ul, CacheTime.Forever), (absent.Attributes.Inode, absent.NameTime));
    }

    [Fact]
    public async Task Listing_goes_on_at_any_cookie_and_ends_at_those_beyond()
    {
        await using OffsetsFileSystem fileSystem = Make(100);
        ulong directory = (await FindAsync(fileSystem, 1, "dir")).Attributes.Inode;
        foreach (int page in new[] { 1, 3, 100, 1000 })
        {
            List<string> all = [];
            ulong cookie = 0;
            for (Names names = new(page); ; names = new(page))
            {
                Assert.Equal(Errno.None, await fileSystem.ListAsync(default, directory, 0, cookie, names));
                if (names.All.Count == 0)
                {
                    break;
                }
                all.AddRange(names.All);
                cookie = names.LastCookie;
            }
            Assert.Equal(Enumerable.Range(0, 100).Select(i => $"file{i}"), all);
        }
        foreach (ulong cookie in new ulong[] { 100, 101, 1ul << 62, ulong.MaxValue })
        {
            Names names = new(10);
            Assert.Equal(Errno.None, await fileSystem.ListAsync(default, directory, 0, cookie, names));
            Assert.Empty(names.All);
        }
    }

    [Fact]
    public async Task Reads_end_at_the_end_of_the_file_and_negative_offsets_are_refused()
    {
        await using OffsetsFileSystem fileSystem = Make();
        ulong directory = (await FindAsync(fileSystem, 1, "dir")).Attributes.Inode;
        ulong file = (await FindAsync(fileSystem, directory, "file0")).Attributes.Inode;
        foreach ((long offset, int expected) in new[] { (0L, 100), (950L, 50), (1000L, 0), (long.MaxValue, 0) })
        {
            ArrayPayloadWriter payload = new(100);
            Assert.Equal(Errno.None, await fileSystem.ReadAsync(default, file, 0, offset, payload));
            Assert.Equal(expected, payload.Written);
        }
        Assert.Equal(Errno.EINVAL, await fileSystem.ReadAsync(default, file, 0, -1, new ArrayPayloadWriter(1)));
    }

    [Fact]
    public async Task Lookups_attributes_and_listings_allocate_nothing_and_complete_at_once()
    {
        await using OffsetsFileSystem fileSystem = Make(1000);
        ulong directory = (await FindAsync(fileSystem, 1, "dir")).Attributes.Inode;
        byte[] present = "file500"u8.ToArray();
        byte[] absent = "absent"u8.ToArray();
        Silent silent = new();
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                Assert.True(AtOnce(fileSystem.LookupAsync(default, directory, present)).IsOk);
                Assert.True(AtOnce(fileSystem.LookupAsync(default, directory, absent)).IsOk);
                Assert.True(AtOnce(fileSystem.GetAttributesAsync(default, directory, null)).IsOk);
            }
            Assert.True(AtOnce(fileSystem.ListAsync(default, directory, 0, 0, silent)) == Errno.None);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, allocated);
        Assert.Equal(3000, silent.Count);
    }

    private static T AtOnce<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }

    /// <summary>Files whose every byte is 7.</summary>
    private sealed class OffsetsFileSystem(Tree tree) : TreeFileSystem(tree, "test")
    {
        protected override ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        {
            for (int i = 0; i < count; i++)
            {
                destination.Write([7]);
            }
            return new(Errno.None);
        }
    }

    private sealed class Names(int room) : DirectoryWriter
    {
        public List<string> All { get; } = [];

        public ulong LastCookie { get; private set; }

        public override bool IncludesLookup => true;

        public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
        {
            if (All.Count == room)
            {
                return false;
            }
            All.Add(Encoding.UTF8.GetString(name));
            LastCookie = nextCookie;
            return true;
        }
    }

    private sealed class Silent : DirectoryWriter
    {
        public int Count { get; private set; }

        public override bool IncludesLookup => true;

        public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
        {
            Count++;
            return true;
        }
    }
}
