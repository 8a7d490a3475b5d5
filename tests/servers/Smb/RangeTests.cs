namespace Kaleidofs.Tests.Servers.Smb;

/// <summary>Holes, and copies that never leave the server.</summary>
public sealed class RangeTests
{
    private const int Mebibyte = 1 << 20;

    [SkippableFact]
    public async Task Holes_are_found_punched_and_filled_with_zeros()
    {
        using SambaServer samba = SambaShares.Start();
        await using Tree tree = await samba.OpenAsync();
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("file");
        byte[] content = new byte[Mebibyte];
        Array.Fill(content, (byte)'x');
        await tree.WriteAsync(file, Mebibyte, content);
        await tree.WriteAsync(file, 3 * Mebibyte, content);
        Assert.Equal(Errno.None, await tree.ChangeAsync("file", new AttributeChange { Size = 8 * Mebibyte, Handle = file.Handle }));
        // Without holes as far as the server tells, until one is made on purpose.
        await AssertSeeksAsync(0, 0, 8 * Mebibyte);
        Assert.Equal(Errno.None, await tree.FileSystem.AllocateAsync(default, file.Inode, file.Handle, 0, 4096, 3));
        await AssertSeeksAsync(0, Mebibyte, 0);
        await AssertSeeksAsync(Mebibyte + 5, Mebibyte + 5, 2 * Mebibyte);
        await AssertSeeksAsync(2 * Mebibyte, 3 * Mebibyte, 2 * Mebibyte);
        await AssertSeeksAsync((3 * Mebibyte) + 1, (3 * Mebibyte) + 1, 4 * Mebibyte);
        await AssertSeeksAsync(5 * Mebibyte, null, 5 * Mebibyte);
        await AssertSeeksAsync(8 * Mebibyte, null, null);
        // KEEP_SIZE | PUNCH_HOLE
        Assert.Equal(Errno.None, await tree.FileSystem.AllocateAsync(default, file.Inode, file.Handle, Mebibyte, Mebibyte, 3));
        await AssertSeeksAsync(0, 3 * Mebibyte, 0);
        // ZERO_RANGE, beyond the end too.
        Assert.Equal(Errno.None, await tree.FileSystem.AllocateAsync(default, file.Inode, file.Handle, (3 * Mebibyte) + 10, 100, 0x11));
        Assert.Equal(Errno.None, await tree.FileSystem.AllocateAsync(default, file.Inode, file.Handle, 8 * Mebibyte, 100, 0x10));
        Assert.Equal(Errno.None, await tree.FileSystem.AllocateAsync(default, file.Inode, file.Handle, 8 * Mebibyte, 1000, 0));
        Assert.Equal(Errno.EOPNOTSUPP, await tree.FileSystem.AllocateAsync(default, file.Inode, file.Handle, 0, 100, 8));
        await tree.CloseAsync(file);
        byte[] wanted = new byte[(8 * Mebibyte) + 1000];
        content.CopyTo(wanted, 3 * Mebibyte);
        Array.Clear(wanted, (3 * Mebibyte) + 10, 100);
        byte[] made = await File.ReadAllBytesAsync(samba.At("file"));
        Assert.True(wanted.AsSpan().SequenceEqual(made));
        Assert.True((await tree.FindAsync("file")).Size == (ulong)wanted.Length);

        async Task AssertSeeksAsync(long offset, long? data, long? hole)
        {
            Result<long> found = await tree.FileSystem.SeekAsync(default, file.Inode, file.Handle, offset, SeekKind.Data);
            Assert.Equal((offset, data is null ? Errno.ENXIO : Errno.None, data ?? 0), (offset, found.Errno, found.Value));
            found = await tree.FileSystem.SeekAsync(default, file.Inode, file.Handle, offset, SeekKind.Hole);
            Assert.Equal((offset, hole is null ? Errno.ENXIO : Errno.None, hole ?? 0), (offset, found.Errno, found.Value));
        }
    }

    [SkippableTheory]
    [InlineData("protection=none")]
    [InlineData("protection=encrypt")]
    public async Task A_copy_is_made_by_the_server(string options)
    {
        using SambaServer samba = SambaShares.Start();
        byte[] content = new byte[(20 * Mebibyte) + 12_345];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(samba.At("from"), content);
        await using Tree tree = await samba.OpenAsync(options: options);
        ulong source = await tree.GetInodeAsync("from");
        ulong from = await tree.OpenAsync("from");
        (ulong Inode, ulong Handle) to = await tree.CreateAsync("to", OpenFlags.WriteOnly | OpenFlags.Create);
        await tree.WriteAsync(to, 0, "head");
        long done = 0;
        int calls = 0;
        while (true)
        {
            Result<long> copied = await tree.FileSystem.CopyRangeAsync(default, source, from, 100 + done, to.Inode, to.Handle, 4 + done, 1L << 40);
            Assert.Equal(Errno.None, copied.Errno);
            if (copied.Value == 0)
            {
                break;
            }
            done += copied.Value;
            calls++;
        }
        Assert.Equal((content.Length - 100, 2), ((int)done, calls));
        Assert.Equal((ulong)content.Length - 96, (await tree.FindAsync("to")).Size);
        await tree.CloseAsync(to);
        byte[] made = await File.ReadAllBytesAsync(samba.At("to"));
        Assert.Equal("head"u8.ToArray(), made[..4]);
        Assert.True(made.AsSpan(4).SequenceEqual(content.AsSpan(100)));
        await tree.FileSystem.ReleaseAsync(default, source, from);
    }
}
