using System.Text;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>The commits that touched a path are those that git log tells.</summary>
public sealed class HistoryTests
{
    private const string Merged = """
        git init -q; mkdir -p d/e; echo 1 >d/e/f; echo 1 >g; echo 1 >'old name'; git add -A; commit -m first
        git checkout -q -b side; echo 2 >d/e/f; commit -a -m 'on the side'; echo 2 >side; git add -A; commit -m 'side again'
        git checkout -q main; echo 2 >g; commit -a -m 'on main'; echo 3 >g; git rm -q 'old name'; git add -A; commit -m 'goes'
        GIT_AUTHOR_DATE='1700000100 +0000' GIT_COMMITTER_DATE='1700000100 +0000' git merge -q --no-ff -m merge side
        git checkout -q -b other main~1; echo 9 >d/e/f; commit -a -m 'in conflict'; git checkout -q main
        git merge -q other 2>/dev/null >/dev/null || { echo both >d/e/f; git add -A; GIT_AUTHOR_DATE='1700000200 +0000' GIT_COMMITTER_DATE='1700000200 +0000' git commit -q -m resolved; }
        mv d moved; git add -A; GIT_AUTHOR_DATE='1700000300 +0000' GIT_COMMITTER_DATE='1700000300 +0000' git commit -q -m moved
        git repack -qad

        """;

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("d/e/f")]
    [InlineData("g")]
    [InlineData("side")]
    [InlineData("old name")]
    [InlineData("moved/e")]
    public async Task The_commits_of_a_path_are_those_that_git_log_tells(string path)
    {
        using TestRepository repository = new(Merged);
        await using Browser browser = await repository.OpenAsync();
        await CheckAsync(repository, browser, path);
    }

    [Fact]
    public async Task The_commits_of_a_path_in_a_shallow_clone_are_those_that_git_log_tells()
    {
        using TestRepository repository = new(Merged + "git clone -q --depth=3 \"file://$PWD\" ../shallow");
        await using Browser browser = await repository.OpenAsync("", "shallow");
        foreach (string path in (string[])["", "g", "moved/e/f"])
        {
            await CheckAsync(repository, browser, path, "git -C ../shallow");
        }
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task Names_are_in_the_order_of_time_and_only_what_touched_a_path_is_found_there()
    {
        using TestRepository repository = new(Merged);
        await using Browser browser = await repository.OpenAsync();
        ulong history = await browser.FindAsync("history/g");
        List<string> names = [.. (await browser.ListAsync(history)).Select(entry => entry.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(repository.RunLines("git log --reverse --format=%H -- g"), names.Select(name => name.Split('.')[1]));
        Assert.StartsWith("2023-11-14T22:13:20Z.", names[0]);
        string other = (await browser.ListAsync(await browser.FindAsync("history/side"))).Single().Name;
        Assert.Equal(Errno.ENOENT, (await browser.FileSystem.LookupAsync(default, history, Encoding.UTF8.GetBytes(other))).Errno);
        Assert.Equal(Errno.ENOENT, (await browser.FileSystem.LookupAsync(default, history, "nowhere"u8.ToArray())).Errno);
        Assert.Equal(Errno.ENOENT, (await browser.FileSystem.LookupAsync(default, await browser.FindAsync("history"), "never there"u8.ToArray())).Errno);
        Assert.Equal("3\n", Encoding.UTF8.GetString(await browser.ReadAllAsync((await browser.ReadLinkAsync("history/g/" + names[^1])).Replace("../", "", StringComparison.Ordinal) + "/g")));
    }

    private static async Task CheckAsync(TestRepository repository, Browser browser, string path, string git = "git")
    {
        string[] told = repository.RunLines($"{git} log --format=%H" + (path.Length == 0 ? "" : $" -- '{path}'"));
        Assert.NotEmpty(told);
        List<string> targets = [];
        foreach ((string name, Attributes attributes) in await browser.ListAsync(await browser.FindAsync("history/" + path)))
        {
            string target = Encoding.UTF8.GetString((await browser.FileSystem.ReadLinkAsync(default, attributes.Inode)).Value.Span);
            string up = string.Concat(Enumerable.Repeat("../", path.Split('/', StringSplitOptions.RemoveEmptyEntries).Length + 1)) + "commits/";
            Assert.StartsWith(up, target);
            Assert.EndsWith(target[up.Length..], name);
            targets.Add(target[up.Length..]);
        }
        Assert.Equal(told.Order(StringComparer.Ordinal), targets.Order(StringComparer.Ordinal));
    }
}
