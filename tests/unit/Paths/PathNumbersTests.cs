using Kaleidofs.Host.Linux;
using Kaleidofs.Paths;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Unit.Paths;

/// <summary>Inode numbers of paths mean the same in the next process.</summary>
public sealed class PathNumbersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly DiskReader _files = new();
    private readonly RecordingLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Numbers_lead_to_their_paths_in_the_next_process_and_are_the_same_for_them()
    {
        ulong file, deep;
        await using (RemotePaths first = await OpenAsync())
        {
            file = (await first.FindAsync("a")).Value.Attributes.Inode;
            deep = (await first.FindAsync("d/e/x")).Value.Attributes.Inode;
        }
        await using (RemotePaths second = await OpenAsync())
        {
            Assert.Equal(Errno.None, await second.TryAsync(deep));
            Assert.Equal(["d", "d/e", "d/e/x"], second.Asked);
            Assert.Equal(Errno.None, await second.TryAsync(file));
            Assert.Equal(Errno.ESTALE, await second.TryAsync(deep + 1));
            Assert.Equal(deep, (await second.FindAsync("d/e/x")).Value.Attributes.Inode);
        }
        await using RemotePaths third = await OpenAsync();
        Assert.Equal(file, (await third.FindAsync("a")).Value.Attributes.Inode);
        Assert.Equal(Errno.None, await third.TryAsync(deep));
    }

    [Fact]
    public async Task What_was_renamed_keeps_its_number_and_what_took_its_name_has_another()
    {
        ulong moved, made, directory, child;
        await using (RemotePaths first = await OpenAsync())
        {
            moved = (await first.FindAsync("a")).Value.Attributes.Inode;
            Assert.True(first.TryGet(moved, out PathNode node));
            first.Source["b"] = first.Source["a"];
            first.Rename(node.Inode, first.Root, "b");
            made = first.Told("a", 9).Attributes.Inode;
            Assert.NotEqual(moved, made);
            child = (await first.FindAsync("d/y")).Value.Attributes.Inode;
            directory = (await first.FindAsync("d")).Value.Attributes.Inode;
            first.Rename(directory, first.Root, "f");
        }
        for (int process = 0; process < 2; process++)
        {
            await using RemotePaths next = await OpenAsync("a", "b", "f", "f/y");
            Assert.Equal(Errno.None, await next.TryAsync(child));
            Assert.Equal((moved, made), ((await next.FindAsync("b")).Value.Attributes.Inode, (await next.FindAsync("a")).Value.Attributes.Inode));
            Assert.Equal((directory, child), ((await next.FindAsync("f")).Value.Attributes.Inode, (await next.FindAsync("f/y")).Value.Attributes.Inode));
        }
        await using RemotePaths last = await OpenAsync("a", "b", "f", "f/y");
        // By number first.
        Assert.Equal((Errno.None, Errno.None), (await last.TryAsync(moved), await last.TryAsync(made)));
        Assert.True(last.TryGet(moved, out PathNode found));
        Assert.Equal("b"u8.ToArray(), found.Name.ToArray());
    }

    [Fact]
    public async Task A_number_whose_file_was_removed_does_not_lead_to_what_has_the_name_now()
    {
        ulong removed, made;
        await using (RemotePaths first = await OpenAsync())
        {
            removed = (await first.FindAsync("a")).Value.Attributes.Inode;
            first.Drop("a");
            made = first.Told("a", 3).Attributes.Inode;
        }
        await using RemotePaths second = await OpenAsync();
        Assert.Equal(Errno.ESTALE, await second.TryAsync(removed));
        Assert.Equal(Errno.None, await second.TryAsync(made));
        second.Source.TryRemove("d/y", out _);
        Assert.Equal(0u, (await second.FindAsync("d/y")).Value.Attributes.Inode);
    }

    [Fact]
    public async Task A_second_process_at_the_same_time_keeps_none_and_its_numbers_are_others()
    {
        await using RemotePaths first = await OpenAsync();
        await using RemotePaths second = await OpenAsync();
        Assert.NotEqual((await first.FindAsync("a")).Value.Attributes.Inode, (await second.FindAsync("a")).Value.Attributes.Inode);
        Assert.Single(_log.Lines);
    }

    [Fact]
    public async Task A_file_that_is_cut_or_damaged_loses_what_is_behind_and_foreign_content_all()
    {
        List<ulong> numbers = [];
        await using (RemotePaths first = await OpenAsync())
        {
            foreach (string name in (string[])["a", "d", "d/y"])
            {
                numbers.Add((await first.FindAsync(name)).Value.Attributes.Inode);
            }
        }
        byte[] content = await File.ReadAllBytesAsync(_folder.At("inodes/x"));
        await File.WriteAllBytesAsync(_folder.At("inodes/x"), content[..^2]);
        await using (RemotePaths second = await OpenAsync())
        {
            Assert.Equal((Errno.None, Errno.ESTALE), (await second.TryAsync(numbers[1]), await second.TryAsync(numbers[2])));
            Assert.Equal(numbers[2], (await second.FindAsync("d/y")).Value.Attributes.Inode);
        }
        await using (RemotePaths third = await OpenAsync())
        {
            Assert.Equal(Errno.None, await third.TryAsync(numbers[2]));
        }
        for (int at = 0; at < content.Length; at++)
        {
            byte[] damaged = [.. content];
            damaged[at] ^= 0x55;
            await File.WriteAllBytesAsync(_folder.At("inodes/x"), damaged);
            await using RemotePaths next = await OpenAsync();
            foreach (ulong number in numbers)
            {
                Assert.True(await next.TryAsync(number) is Errno.None or Errno.ESTALE);
            }
            Assert.NotEqual(0u, (await next.FindAsync("d/y")).Value.Attributes.Inode);
        }
    }

    private async Task<RemotePaths> OpenAsync(params string[] names)
    {
        RemotePaths paths = new(_clock, await PathNumbers.OpenAsync(_folder.At("inodes/x"), _files, _log));
        foreach (string name in names.Length > 0 ? names : ["a", "d", "d/e", "d/e/x", "d/y"])
        {
            paths.Source[name] = name is "d" or "d/e" or "f" ? -1 : 5;
        }
        return paths;
    }
}
