using System.Text;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>Submodules: as their tree where git has cloned them, and nothing else's.</summary>
public sealed class SubmoduleTests
{
    /// <summary>A project in a project in a project, the one in the middle under a name that is not its path.</summary>
    private const string Nested = """
        for name in inner outer; do git init -q ../$name; done
        (cd ../inner; printf inner >file; git add -A; commit -m inner)
        (cd ../outer; printf one >file; mkdir -p a/b; printf x >a/b/c; ln -s file link; git submodule --quiet add ../inner deep/inner; git add -A; commit -m one)
        git init -q
        printf top >top; git submodule --quiet add --name libs/Outer ../outer 'deps/the outer'; git submodule --quiet add ../inner plain; git add -A; commit -m first
        (cd ../outer; printf 'the second' >file; git rm -q a/b/c; git add -A; commit -m two)
        (cd 'deps/the outer'; git pull -q)
        git add -A; commit -m second
        git submodule --quiet update --init --recursive

        """;

    [Fact]
    public async Task A_submodule_is_an_empty_directory_that_names_its_commit()
    {
        const string Commit = "1234567890123456789012345678901234567890";
        using TestRepository repository = new($"git init -q; printf x >file; git add file; git update-index --add --cacheinfo 160000,{Commit},module; commit -m module");
        await using Browser browser = await repository.OpenAsync("@main");
        Attributes module = await browser.LookupAsync("module");
        Assert.True(module.IsDirectory);
        Assert.Empty(await browser.ListAsync(module.Inode));
        Assert.Equal(Commit, Encoding.ASCII.GetString((await browser.FileSystem.GetExtendedAttributeAsync(default, module.Inode, "user.git.commit"u8.ToArray())).Value.Span));
        Assert.Equal(0ul, (await browser.LookupAsync("module/x")).Inode);
        Assert.Equal(Errno.ENODATA, (await browser.FileSystem.GetExtendedAttributeAsync(default, await browser.FindAsync("file"), "user.git.commit"u8.ToArray())).Errno);
    }

    [Theory]
    [InlineData("@main", "")]
    [InlineData("@main", "mtime=last-change")]
    public async Task A_submodule_at_hand_is_its_tree(string rest, string option)
    {
        using TestRepository repository = new(Nested);
        await using Browser browser = await repository.OpenAsync(rest, options: option.Length == 0 ? [] : [option, "times=none"]);
        string[] expected = [.. repository.RunLines("find . -name .git -prune -o -printf '%P\\n'").Order(StringComparer.Ordinal)];
        Assert.Contains("deps/the outer/deep/inner/file", expected);
        Assert.Equal(expected, (await browser.ListAllAsync()).Order(StringComparer.Ordinal));
        foreach (string path in expected.Where(path => File.Exists(Path.Combine(repository.Path, path)) && !path.EndsWith("link", StringComparison.Ordinal)))
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(repository.Path, path)), await browser.ReadAllAsync(path));
        }
        Assert.Equal("file", await browser.ReadLinkAsync("deps/the outer/link"));
        string commit = repository.RunLines("git -C 'deps/the outer' rev-parse HEAD")[0];
        ulong module = await browser.FindAsync("deps/the outer");
        foreach (string name in (string[])["user.git.oid", "user.git.commit"])
        {
            Assert.Equal(commit, Encoding.ASCII.GetString((await browser.FileSystem.GetExtendedAttributeAsync(default, module, Encoding.ASCII.GetBytes(name))).Value.Span));
        }
        Assert.Equal(await browser.FindAsync("deps"), (await browser.FileSystem.GetParentAsync(default, module)).Value);
        Assert.Equal(module, (await browser.FileSystem.GetParentAsync(default, await browser.FindAsync("deps/the outer/deep"))).Value);
        Assert.Empty(browser.Log.Lines);

        await using Browser before = await repository.OpenAsync("@main~1");
        Assert.Equal("one", Encoding.UTF8.GetString(await before.ReadAllAsync("deps/the outer/file")));
        Assert.Equal("x", Encoding.UTF8.GetString(await before.ReadAllAsync("deps/the outer/a/b/c")));

        await using Browser refs = await repository.OpenAsync();
        string head = repository.RunLines("git rev-parse main")[0];
        Assert.Equal("inner", Encoding.UTF8.GetString(await refs.ReadAllAsync($"commits/{head}/deps/the outer/deep/inner/file")));
    }

    [Fact]
    public async Task Inode_numbers_within_a_submodule_are_found_by_the_next_process()
    {
        using TestRepository repository = new(Nested);
        Attributes before;
        await using (Browser browser = await repository.OpenAsync("@main"))
        {
            before = await browser.LookupAsync("deps/the outer/deep/inner/file");
        }
        await using Browser next = await repository.OpenAsync("@main");
        Result<CachedAttributes> found = await next.FileSystem.GetAttributesAsync(default, before.Inode, null);
        Assert.Equal((before.Inode, before.Size, before.Mode), (found.Value.Attributes.Inode, found.Value.Attributes.Size, found.Value.Attributes.Mode));
    }

    [Fact]
    public async Task A_worktree_has_submodules_of_its_own()
    {
        using TestRepository repository = new(Nested + "git worktree add -q --detach ../tree main~1; cd ../tree; git submodule --quiet update --init; rm -rf ../repository/.git/modules");
        await using Browser browser = await repository.OpenAsync("@HEAD", "tree");
        Assert.Equal("one", Encoding.UTF8.GetString(await browser.ReadAllAsync("deps/the outer/file")));
        Assert.Empty(await browser.ListAsync(await browser.FindAsync("deps/the outer/deep/inner")));
    }

    [Fact]
    public async Task A_commit_that_its_repository_has_not_is_an_empty_directory_with_a_line_in_the_log()
    {
        using TestRepository repository = new(Nested + "git update-index --cacheinfo 160000,1234567890123456789012345678901234567890,plain; commit -m elsewhere");
        await using Browser browser = await repository.OpenAsync("@main");
        Assert.Empty(await browser.ListAsync(await browser.FindAsync("plain")));
        Assert.Contains(browser.Log.Lines, line => line.Contains("'plain'", StringComparison.Ordinal) && line.Contains("1234567890123456789012345678901234567890", StringComparison.Ordinal));
        Assert.Equal("the second", Encoding.UTF8.GetString(await browser.ReadAllAsync("deps/the outer/file")));
    }

    [Theory]
    [InlineData("../../../inner/.git")]
    [InlineData("../modules/plain")]
    [InlineData("./plain")]
    [InlineData("plain/")]
    [InlineData("$PWD/.git/modules/plain")]
    [InlineData("")]
    public async Task A_name_that_leads_elsewhere_is_no_submodule(string name)
    {
        using TestRepository repository = new(Nested + $"printf '[submodule \"%s\"]\n\tpath = plain\n' \"{name}\" >.gitmodules; git add .gitmodules; commit -m hostile");
        await using Browser browser = await repository.OpenAsync("@main");
        Assert.Empty(await browser.ListAsync(await browser.FindAsync("plain")));
        Assert.Equal("top", Encoding.UTF8.GetString(await browser.ReadAllAsync("top")));
    }

    [Fact]
    public async Task A_circle_of_submodules_ends()
    {
        // Each commit has the one before as its submodule, and the submodule's repository is its own.
        using TestRepository repository = new("""
            git init -q; printf '[submodule "x"]\n\tpath = x\n' >.gitmodules; git add -A; commit -m 0
            for i in $(seq 20); do git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),x; commit -m $i; done
            mkdir .git/modules; ln -s .. .git/modules/x
            """);
        await using Browser browser = await repository.OpenAsync("@main");
        List<string> paths = await browser.ListAllAsync();
        Assert.Contains("x/x/x/.gitmodules", paths);
        Assert.Equal(8, paths.Count(path => path.EndsWith("x/.gitmodules", StringComparison.Ordinal)));
        Assert.Contains(browser.Log.Lines, line => line.Contains("too deep", StringComparison.Ordinal));
    }
}
