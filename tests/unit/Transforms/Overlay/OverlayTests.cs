using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Transforms.Overlay;

/// <summary>What an overlay promises beside what a model shows.</summary>
public sealed class OverlayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Upper => _folder.At("upper");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_overlay_over_another_source_is_refused_and_left_as_it_is()
    {
        await using (OverlaidTree tree = await OverlaidTree.OpenAsync(Upper))
        {
            await tree.CreateAsync("new");
        }
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => OverlaidTree.OpenAsync(Upper, "pattern:2"));
        Assert.Contains("another source", exception.Message);
        Assert.Contains("pattern:1", exception.Message);
        await using OverlaidTree again = await OverlaidTree.OpenAsync(Upper);
        Assert.True((await again.FindAsync("new")).IsOk);
    }

    [Fact]
    public async Task Two_at_once_on_one_directory_are_refused()
    {
        await using OverlaidTree tree = await OverlaidTree.OpenAsync(Upper);
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => OverlaidTree.OpenAsync(Upper));
        Assert.Contains("another process or share uses it", exception.Message);
    }

    [Fact]
    public async Task A_directory_with_something_else_in_it_is_refused()
    {
        Directory.CreateDirectory(Upper);
        File.WriteAllText(Path.Combine(Upper, "thesis.txt"), "x");
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => OverlaidTree.OpenAsync(Upper));
        Assert.Contains("no overlay's", exception.Message);
        Assert.Equal([Path.Combine(Upper, "thesis.txt")], Directory.GetFileSystemEntries(Upper));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_without_a_name_works_until_it_is_closed(bool isWritten)
    {
        await using OverlaidTree tree = await OverlaidTree.OpenAsync(Upper);
        ulong inode = await tree.InodeAsync("d0/f1");
        ulong handle = (await tree.FileSystem.OpenAsync(default, inode, OpenFlags.ReadWrite)).Value.Handle;
        byte[] expected = PatternTree.ContentOf(inode);
        if (isWritten)
        {
            Assert.Equal(3, (await tree.FileSystem.WriteAsync(default, inode, handle, 0, new ArrayReader([1, 2, 3]))).Value);
            expected = [1, 2, 3, .. expected[3..]];
        }
        Assert.Equal(Errno.None, await tree.UnlinkAsync("d0/f1"));
        Assert.Equal(Errno.ENOENT, (await tree.FindAsync("d0/f1")).Errno);
        Assert.Equal(0u, (await tree.FileSystem.GetAttributesAsync(default, inode, handle)).Value.Attributes.LinkCount);
        Assert.Equal(expected, await tree.ReadAsync(inode, handle));
        Assert.Equal(2, (await tree.FileSystem.WriteAsync(default, inode, handle, 10, new ArrayReader([8, 9]))).Value);
        Assert.Equal([.. expected[..10], 8, 9, .. expected[12..]], await tree.ReadAsync(inode, handle));
        Assert.Equal(Errno.None, await tree.FileSystem.ReleaseAsync(default, inode, handle));
        Assert.Equal(Errno.ESTALE, (await tree.FileSystem.GetAttributesAsync(default, inode, null)).Errno);
        await tree.DisposeAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(Upper, "data")));
        await using OverlaidTree again = await OverlaidTree.OpenAsync(Upper);
        Assert.Equal(Errno.ESTALE, (await again.FileSystem.GetAttributesAsync(default, inode, null)).Errno);
    }

    [Fact]
    public async Task A_file_made_without_a_name_is_nobodys_until_it_is_given_one()
    {
        ulong inode;
        await using (OverlaidTree tree = await OverlaidTree.OpenAsync(Upper))
        {
            CreatedFile lost = await tree.CreateUnnamedAsync("d1");
            CreatedFile kept = await tree.CreateUnnamedAsync("d1");
            inode = kept.Entry.Attributes.Inode;
            Assert.Equal(0u, (await tree.FileSystem.GetAttributesAsync(default, inode, null)).Value.Attributes.LinkCount);
            foreach (CreatedFile made in (CreatedFile[])[lost, kept])
            {
                Assert.Equal(4, (await tree.FileSystem.WriteAsync(default, made.Entry.Attributes.Inode, made.File.Handle, 0, new ArrayReader([1, 2, 3, 4]))).Value);
            }
            Assert.Equal(Errno.None, await tree.FileSystem.SetExtendedAttributeAsync(default, inode, "user.a"u8.ToArray(), "b"u8.ToArray(), 0));
            Assert.Equal(Errno.EEXIST, await tree.LinkAsync(inode, "d1/f0"));
            Assert.Equal(Errno.None, await tree.LinkAsync(inode, "d1/named"));
            Assert.Equal(Errno.None, await tree.LinkAsync(inode, "d1/twice"));
            Assert.Equal(1, (await tree.FileSystem.WriteAsync(default, inode, kept.File.Handle, 4, new ArrayReader([5]))).Value);
            Assert.Equal(Errno.None, await tree.FileSystem.ReleaseAsync(default, lost.Entry.Attributes.Inode, lost.File.Handle));
            Assert.Equal(Errno.None, await tree.FileSystem.ReleaseAsync(default, inode, kept.File.Handle));
            Assert.Equal(Errno.ESTALE, await tree.LinkAsync(lost.Entry.Attributes.Inode, "d1/late"));
        }
        Assert.Single(Directory.GetFiles(Path.Combine(Upper, "data")));
        await using OverlaidTree again = await OverlaidTree.OpenAsync(Upper);
        Attributes found = (await again.FindAsync("d1/named")).Value;
        Assert.Equal((inode, 2u, 5UL, 11u, FileType.Regular | 0x1A4u), (found.Inode, found.LinkCount, found.Size, found.UserId, found.Mode));
        Assert.Equal([1, 2, 3, 4, 5], await again.ReadAsync("d1/twice"));
        Assert.Equal("b"u8.ToArray(), (await again.FileSystem.GetExtendedAttributeAsync(default, inode, "user.a"u8.ToArray())).Value.ToArray());
    }

    [Fact]
    public async Task A_file_made_without_a_name_is_gone_after_a_crash()
    {
        await using OverlaidTree tree = await OverlaidTree.OpenAsync(Upper);
        CreatedFile made = await tree.CreateUnnamedAsync("d1");
        await tree.FileSystem.WriteAsync(default, made.Entry.Attributes.Inode, made.File.Handle, 0, new ArrayReader([1]));
        Assert.Equal(Errno.None, await tree.FileSystem.SyncFileSystemAsync(default));
        string crashed = _folder.At("crashed");
        Directory.CreateDirectory(Path.Combine(crashed, "data"));
        File.Copy(Path.Combine(Upper, "journal"), Path.Combine(crashed, "journal"));
        File.Copy(Assert.Single(Directory.GetFiles(Path.Combine(Upper, "data"))), Path.Combine(crashed, "data", $"{made.Entry.Attributes.Inode:x}"));
        await using OverlaidTree again = await OverlaidTree.OpenAsync(crashed);
        Assert.Empty(Directory.GetFiles(Path.Combine(crashed, "data")));
        Assert.Equal(Errno.ESTALE, (await again.FileSystem.GetAttributesAsync(default, made.Entry.Attributes.Inode, null)).Errno);
        // Its number is not another's.
        Assert.NotEqual(made.Entry.Attributes.Inode, (await again.CreateUnnamedAsync("d1")).Entry.Attributes.Inode);
    }

    [Fact]
    public async Task Times_owners_and_extended_attributes_are_kept()
    {
        await using (OverlaidTree tree = await OverlaidTree.OpenAsync(Upper))
        {
            ulong inode = await tree.InodeAsync("d2/f0");
            await tree.WriteAsync("d2/f0", 0, [1]);
            Assert.Equal(Errno.None, await tree.ChangeAsync("d2/f0", new AttributeChange { UserId = 77, ModificationTime = new Timestamp(-5, 123456789) }));
            Assert.Equal(Errno.None, await tree.FileSystem.SetExtendedAttributeAsync(default, inode, "user.a"u8.ToArray(), "1"u8.ToArray(), 0));
            Assert.Equal(Errno.EEXIST, await tree.FileSystem.SetExtendedAttributeAsync(default, inode, "user.a"u8.ToArray(), "2"u8.ToArray(), 1));
            Assert.Equal(Errno.ENODATA, await tree.FileSystem.RemoveExtendedAttributeAsync(default, inode, "user.b"u8.ToArray()));
        }
        await using OverlaidTree again = await OverlaidTree.OpenAsync(Upper);
        Attributes attributes = (await again.FindAsync("d2/f0")).Value;
        Assert.Equal((77u, new Timestamp(-5, 123456789)), (attributes.UserId, attributes.ModificationTime));
        Assert.Equal("1"u8.ToArray(), (await again.FileSystem.GetExtendedAttributeAsync(default, attributes.Inode, "user.a"u8.ToArray())).Value.ToArray());
        Assert.Equal("user.a\0"u8.ToArray(), (await again.FileSystem.ListExtendedAttributesAsync(default, attributes.Inode)).Value.ToArray());
    }

    [Fact]
    public async Task A_journal_cut_off_anywhere_opens_with_what_was_whole()
    {
        await using (OverlaidTree tree = await OverlaidTree.OpenAsync(Upper))
        {
            for (int i = 0; i < 5; i++)
            {
                await tree.CreateAsync($"n{i}");
            }
        }
        string journal = Path.Combine(Upper, "journal");
        byte[] whole = File.ReadAllBytes(journal);
        int last = 5;
        for (int length = whole.Length; length > whole.Length - 700; length -= 13)
        {
            File.WriteAllBytes(journal, whole[..length]);
            await using OverlaidTree tree = await OverlaidTree.OpenAsync(Upper);
            int there = (await tree.ListAsync("")).Count(entry => entry.Name[0] == 'n');
            Assert.InRange(there, 0, last);
            last = there;
            Assert.Equal(Errno.None, await tree.CreateAsync("after"));
        }
        Assert.InRange(last, 0, 3);
    }

    [Fact]
    public async Task Many_writers_at_once_lose_nothing()
    {
        await using OverlaidTree tree = await OverlaidTree.OpenAsync(Upper);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            for (int j = 0; j < 20; j++)
            {
                Assert.Equal(Errno.None, await tree.CreateAsync($"d0/w{i}.{j}"));
                await tree.WriteAsync($"d0/w{i}.{j}", 0, [(byte)i, (byte)j]);
                await tree.WriteAsync("d3/f0", 4000 + (i * 20) + j, [(byte)(i + j)]);
            }
        })));
        Assert.Equal(320, (await tree.ListAsync("d0", 50)).Count(entry => entry.Name[0] == 'w'));
        byte[] shared = await tree.ReadAsync("d3/f0");
        Assert.Equal(Enumerable.Range(0, 320).Select(i => (byte)((i / 20) + (i % 20))), shared[4000..]);
        Assert.Equal([15, 19], await tree.ReadAsync("d0/w15.19"));
    }

    [Fact]
    public async Task Changed_inodes_are_bounded_and_another_overlay_goes_on()
    {
        const int Limit = 10;
        await using OverlaidTree other = await OverlaidTree.OpenAsync(_folder.At("other"), maxChangedInodes: Limit);
        await using OverlaidTree tree = await OverlaidTree.OpenAsync(Upper, maxChangedInodes: Limit);
        int made = 0;
        while (await tree.CreateAsync($"n{made}") is var errno && made < 2 * Limit)
        {
            if (errno != Errno.None)
            {
                Assert.Equal(Errno.ENOSPC, errno);
                break;
            }
            made++;
        }
        // The root has changed, too.
        Assert.Equal(Limit - 1, made);
        // What the source has is bounded as well, whatever is changed of it: its mode, its content, its attributes, its names.
        Assert.Equal(Errno.ENOSPC, await tree.ChangeAsync("d0/f0", new AttributeChange { Mode = 0x180 }));
        Assert.Equal(Errno.ENOSPC, await tree.UnlinkAsync("d0/f0"));
        ulong inode = await tree.InodeAsync("d0/f1");
        Assert.Equal(Errno.ENOSPC, await tree.FileSystem.SetExtendedAttributeAsync(default, inode, "user.a"u8.ToArray(), new byte[1], 0));
        ulong handle = (await tree.FileSystem.OpenAsync(default, inode, OpenFlags.ReadWrite)).Value.Handle;
        Assert.Equal(Errno.ENOSPC, (await tree.FileSystem.WriteAsync(default, inode, handle, 0, new ArrayReader([1]))).Errno);
        Assert.Equal(Errno.None, await tree.FileSystem.ReleaseAsync(default, inode, handle));
        Assert.Equal(PatternTree.ContentOf(inode), await tree.ReadAsync("d0/f1"));
        Assert.Equal(0ul, (await tree.FileSystem.GetStatisticsAsync(default, FileSystem.RootInode)).Value.FreeFiles);
        // What is there already may change, and what goes makes room.
        await tree.WriteAsync("n0", 0, [1, 2, 3]);
        Assert.Equal(Errno.None, await tree.UnlinkAsync("n1"));
        Assert.Equal(Errno.None, await tree.ChangeAsync("d0/f0", new AttributeChange { Mode = 0x180 }));
        Assert.Equal(Errno.None, await other.CreateAsync("n"));
    }

    [Fact]
    public async Task The_extended_attributes_of_an_inode_are_bounded()
    {
        await using OverlaidTree tree = await OverlaidTree.OpenAsync(Upper);
        ulong inode = await tree.InodeAsync("d0/f0");
        ValueTask<Errno> SetAsync(string name, int length) => tree.FileSystem.SetExtendedAttributeAsync(default, inode, System.Text.Encoding.UTF8.GetBytes(name), new byte[length], 0);
        Assert.Equal(Errno.None, await SetAsync("user.a", 60 << 10));
        Assert.Equal(Errno.ENOSPC, await SetAsync("user.b", 4 << 10));
        Assert.Equal(Errno.None, await SetAsync("user.b", 1 << 10));
        ulong other = await tree.InodeAsync("d0/f1");
        Assert.Equal(Errno.None, await tree.FileSystem.SetExtendedAttributeAsync(default, other, "user.a"u8.ToArray(), new byte[60 << 10], 0));
    }
}
