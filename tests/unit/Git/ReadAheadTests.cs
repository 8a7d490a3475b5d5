using System.Diagnostics;
using System.Text;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>Who goes through a tree finds ready what comes next.</summary>
public sealed class ReadAheadTests
{
    private const string Script = """
        git init -q; mkdir -p a/b/c a/d; for i in $(seq 100 140); do echo "content $i" >a/b/$i; done; echo c >a/b/c/file; echo d >a/d/file; git add -A; commit -m x; git repack -qad

        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Directories_of_directories_that_are_listed_one_after_the_other_are_ready()
    {
        using TestRepository repository = new(Script);
        await using Browser browser = await repository.OpenAsync("@main");
        await browser.ListAsync(FileSystem.RootInode);
        ulong a = (await browser.ListAsync(FileSystem.RootInode)).Single(entry => entry.Name == "a").Attributes.Inode;
        ulong b = (await browser.ListAsync(a)).Single(entry => entry.Name == "b").Attributes.Inode;
        // Looking one of its files up waits for a disk unless all of it has been read.
        await EventuallyAsync(() => browser.FileSystem.LookupAsync(default, b, "140"u8.ToArray()).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Files_behind_those_that_are_read_one_after_the_other_are_ready()
    {
        using TestRepository repository = new(Script);
        await using Browser browser = await repository.OpenAsync("@main");
        List<(string Name, Attributes Attributes)> files = [.. (await browser.ListAsync(await browser.FindAsync("a/b"), page: 100)).Where(entry => entry.Attributes.IsRegularFile)];
        Assert.Equal(41, files.Count);
        Assert.Equal("content 100\n", await ReadAsync(browser, files[0].Attributes));
        Assert.Equal("content 101\n", await ReadAsync(browser, files[1].Attributes));
        foreach ((string name, Attributes attributes) in files.Skip(20))
        {
            await EventuallyAsync(() => IsReadAtOnce(browser, attributes, $"content {name}\n"));
        }
    }

    private static async Task<string> ReadAsync(Browser browser, Attributes attributes)
    {
        (Errno errno, byte[] content) = await browser.ReadAsync(attributes.Inode, 0, (int)attributes.Size);
        Assert.Equal(Errno.None, errno);
        return Encoding.UTF8.GetString(content);
    }

    private static bool IsReadAtOnce(Browser browser, Attributes attributes, string expected)
    {
        Task<(Errno Errno, byte[] Content)> read = browser.ReadAsync(attributes.Inode, 0, (int)attributes.Size);
        if (!read.IsCompletedSuccessfully)
        {
            return false;
        }
        Assert.Equal(expected, Encoding.UTF8.GetString(read.Result.Content));
        return true;
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit);
            await Task.Delay(5);
        }
    }
}
