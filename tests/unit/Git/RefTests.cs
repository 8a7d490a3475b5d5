using System.Text;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>The tree of all refs, and what is said of wrong names.</summary>
public sealed class RefTests
{
    [Theory]
    [InlineData("")]
    [InlineData("git pack-refs --all")]
    [InlineData("git pack-refs --all; git tag late")]
    public async Task Refs_are_links_into_commits(string packing)
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(22) + "git update-ref refs/remotes/origin/main main~2; git tag blob main:a-b\n" + packing);
        await using Browser browser = await repository.OpenAsync();
        Assert.Equal(["HEAD", "branches", "tags", "remotes", "commits", "history"], (await browser.ListAsync(FileSystem.RootInode)).Select(entry => entry.Name));
        Assert.Equal(["main", "topic"], (await browser.ListAsync(await browser.FindAsync("branches"))).Select(entry => entry.Name));
        Assert.Equal(["14", "21", "7"], (await browser.ListAsync(await browser.FindAsync("branches/topic"))).Select(entry => entry.Name));
        foreach ((string path, string revision) in ((string, string)[])[
            ("HEAD", "HEAD"), ("branches/main", "main"), ("branches/topic/14", "topic/14"), ("tags/v20", "v20^{commit}"), ("remotes/origin/main", "main~2")])
        {
            string id = repository.RunLines($"git rev-parse '{revision}'")[0];
            string up = string.Concat(Enumerable.Repeat("../", path.Count(character => character == '/')));
            Assert.Equal($"{up}commits/{id}", await browser.ReadLinkAsync(path));
            await repository.CheckAsync(browser, revision, await browser.FindAsync($"commits/{id}"));
            Assert.Equal(id, Encoding.ASCII.GetString((await browser.FileSystem.GetExtendedAttributeAsync(default, await browser.FindAsync($"commits/{id}"), "user.git.commit"u8.ToArray())).Value.Span));
        }
        // A tag of a file leads to no commit.
        Assert.DoesNotContain("blob", (await browser.ListAsync(await browser.FindAsync("tags"))).Select(entry => entry.Name));
        string[] listed = [.. (await browser.ListAsync(await browser.FindAsync("commits"))).Select(entry => entry.Name)];
        string[] named = repository.RunLines("for ref in $(git for-each-ref --format='%(refname)' | grep -v refs/tags/blob); do git rev-parse $ref^{commit}; done | sort -u");
        Assert.Equal(named.SelectMany(id => (string[])[id, id + ".meta"]), listed);
    }

    [Fact]
    public async Task A_ref_that_moves_is_seen_at_the_next_look_and_what_was_found_stays()
    {
        using TestRepository repository = new("git init -q; printf one >file; git add file; commit -m one");
        await using Browser browser = await repository.OpenAsync();
        string one = await browser.ReadLinkAsync("branches/main");
        ulong link = await browser.FindAsync("branches/main");
        ulong file = await browser.FindAsync(one.Replace("../", "", StringComparison.Ordinal) + "/file");
        repository.Run("printf two >file; git add file; commit -m two; git branch new");
        string two = await browser.ReadLinkAsync("branches/main");
        Assert.NotEqual(one, two);
        Assert.NotEqual(link, await browser.FindAsync("branches/main"));
        Assert.Equal("one"u8.ToArray(), (await browser.ReadAsync(file, 0, 10)).Content);
        Assert.Equal("two"u8.ToArray(), await browser.ReadAllAsync(two.Replace("../", "", StringComparison.Ordinal) + "/file"));
        Assert.Equal(two, await browser.ReadLinkAsync("branches/new"));
        repository.Run("git pack-refs --all; git branch -q -D new");
        Assert.Equal(Errno.ENOENT, (await browser.FileSystem.LookupAsync(default, await browser.FindAsync("branches"), "new"u8.ToArray())).Errno);
        Result<Entry> looked = await browser.FileSystem.LookupAsync(default, await browser.FindAsync("branches"), "main"u8.ToArray());
        Assert.Equal(CacheTime.None, looked.Value.NameTime);
    }

    [Fact]
    public async Task Beside_a_commit_is_what_it_says()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(3) + "git checkout -q -b side main~1; commit -m side; git checkout -q main; git merge -q -m merge side");
        await using Browser browser = await repository.OpenAsync();
        string id = repository.RunLines("git rev-parse main")[0];
        Assert.Equal(repository.Run("git cat-file commit main"), Encoding.Latin1.GetString(await browser.ReadAllAsync($"commits/{id}.meta/commit")));
        Assert.Equal("merge\n", Encoding.UTF8.GetString(await browser.ReadAllAsync($"commits/{id}.meta/message")));
        Assert.StartsWith("A U Thor <author@example.com> 17", Encoding.UTF8.GetString(await browser.ReadAllAsync($"commits/{id}.meta/author")));
        Assert.StartsWith("C O Mitter <committer@example.com> 17", Encoding.UTF8.GetString(await browser.ReadAllAsync($"commits/{id}.meta/committer")));
        Assert.Equal(["1", "2"], (await browser.ListAsync(await browser.FindAsync($"commits/{id}.meta/parents"))).Select(entry => entry.Name));
        Assert.Equal($"../../{repository.RunLines("git rev-parse main^2")[0]}", await browser.ReadLinkAsync($"commits/{id}.meta/parents/2"));
    }

    [Fact]
    public async Task The_paths_that_a_commit_changes_are_told_as_git_tells_them()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(3) + """
            git mv a-b 'moved "here"'; rm -r a; printf z >a; rm bin/link; mkdir bin/link; printf q >bin/link/inner; chmod +x a.b; printf x >$'tab\tand\nline'
            rm 'a directory/empty'; ln -s nowhere 'a directory/empty'; git update-index --add --cacheinfo 160000,1234567890123456789012345678901234567890,module; git add -A; commit -m changes
            git checkout -q -b side main~1; commit -m side; git checkout -q main; git merge -q -m merge side
            """);
        await using Browser browser = await repository.OpenAsync();
        foreach (string id in repository.RunLines("git rev-list --all"))
        {
            string told = repository.Run($"""
                parent=$(git rev-parse -q --verify {id}^1 || git hash-object -t tree /dev/null)
                git -c core.quotePath=false diff-tree -r --no-renames --name-status $parent {id}
                """);
            Assert.Equal((id, told), (id, Encoding.Latin1.GetString(await browser.ReadAllAsync($"commits/{id}.meta/changes"))));
        }
    }

    [Fact]
    public async Task A_commit_is_found_by_some_of_its_digits_if_they_are_enough()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(3) + "git repack -qad");
        await using Browser browser = await repository.OpenAsync();
        string id = repository.RunLines("git rev-parse main~1")[0];
        Assert.Equal(id, await browser.ReadLinkAsync($"commits/{id[..12]}"));
        ulong commits = await browser.FindAsync("commits");
        foreach (string name in (string[])[id[..3], id.ToUpperInvariant(), "0000000", repository.RunLines("git rev-parse main:a-b")[0], "x"])
        {
            Assert.Equal(Errno.ENOENT, (await browser.FileSystem.LookupAsync(default, commits, Encoding.ASCII.GetBytes(name))).Errno);
        }
        await using Browser direct = await repository.OpenAsync("@" + id[..10]);
        await repository.CheckAsync(direct, "main~1");
    }

    [Fact]
    public async Task A_detached_head_and_a_worktree_are_read()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(4) + "git worktree add -q ../tree v2 2>/dev/null || git worktree add -q --detach ../tree main~2");
        await using Browser browser = await repository.OpenAsync("@HEAD", "tree");
        await repository.CheckAsync(browser, "main~2");
    }

    [Theory]
    [InlineData("@mian", "no branch, tag or commit 'mian'; nearest: main")]
    [InlineData("@opic/2", "nearest: topic/2")]
    [InlineData("@quite-another-name", "there are main, topic/2")]
    [InlineData("@main~99", "leads beyond the first commit")]
    [InlineData("@main^{tree}", "not understood")]
    [InlineData("@main:nowhere", "there is no 'nowhere' in commit")]
    [InlineData("@main:file", "it is no directory: 'file' in commit")]
    [InlineData("@", "write git:")]
    [InlineData(":sub", "write git:")]
    [InlineData("@blob", "something else than a commit")]
    public async Task A_wrong_name_is_told_apart(string rest, string message)
    {
        using TestRepository repository = new("git init -q; printf x >file; git add file; commit -m x; git branch topic/2; git tag blob main:file");
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => repository.OpenAsync(rest));
        Assert.Contains(message, exception.Message);
    }

    [Theory]
    [InlineData("mkdir ../it", "not a git repository")]
    [InlineData("git init -q ../it; git -C ../it config core.repositoryformatversion 7", "format version 7")]
    [InlineData("git init -q ../it; git -C ../it config core.repositoryformatversion 1; git -C ../it config extensions.future yes", "extension 'future' is not known here")]
    [InlineData("git init -q ../it; git -C ../it config core.repositoryformatversion 1; git -C ../it config extensions.refstorage files2", "'files2', which is not read here; 'git refs migrate")]
    [InlineData("git init -q ../it; git -C ../it config core.repositoryformatversion 1; git -C ../it config extensions.objectformat sha3", "sha3, which is not known here")]
    [InlineData("printf x >../it", "a file, not a repository")]
    [InlineData("", "no such directory")]
    [InlineData("mkdir ../it; printf 'gitdir: /nowhere/at/all' >../it/.git", "/nowhere/at/all, which is not there")]
    public async Task What_is_no_repository_that_is_read_here_is_refused(string script, string message)
    {
        using TestRepository repository = new(script);
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => repository.OpenAsync("", "it"));
        Assert.Contains(message, exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public async Task An_empty_repository_opens_without_commits()
    {
        using TestRepository repository = new("git init -q");
        await using Browser browser = await repository.OpenAsync();
        Assert.Equal(["branches", "tags", "remotes", "commits"], (await browser.ListAsync(FileSystem.RootInode)).Select(entry => entry.Name));
        Assert.Empty(await browser.ListAsync(await browser.FindAsync("branches")));
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => repository.OpenAsync("@HEAD"));
        Assert.Contains("HEAD leads to no commit", exception.Message);
    }
}
