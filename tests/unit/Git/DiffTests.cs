using System.Text;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>A commit's diff is what git says of it.</summary>
public sealed class DiffTests
{
    private const string AsGit = "git -c core.quotePath=false diff-tree -p --root --full-index --no-renames --no-ext-diff --no-textconv --no-commit-id";

    [Fact]
    public async Task A_diff_is_what_git_prints()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(6) + """
            printf 'int main(void)\n{\n' >'a file.c'; seq -f '\tcall(%g);' 1 30 >>'a file.c'; printf 'no end' >end; printf '\t"' >'with"quote'; git add -A; commit -m kinds
            sed -i 's/call(20)/other(20)/; s/call(3)/other(3)/' 'a file.c'; printf 'another end' >end; chmod +x end; rm a-b; mv a.b a-c; ln -sf elsewhere bin/link
            rm bin/run; ln -s run bin/run; printf 'a\0b' >zero; : >'new empty'; git add -A; commit -m changes
            git update-index --add --cacheinfo 160000,1234567890123456789012345678901234567890,module; commit -m module
            git update-index --add --cacheinfo 160000,1234567890123456789012345678901234567891,module; commit -m 'module moves'
            printf 'end\n' >end; commit -m nothing; git rm -rqf . ; commit -m 'all gone'
            """);
        await using Browser browser = await repository.OpenAsync();
        foreach (string id in repository.RunLines("git rev-list main"))
        {
            Assert.Equal(repository.Run($"{AsGit} {id}"), Encoding.Latin1.GetString(await browser.ReadAllAsync($"commits/{id}.meta/diff")));
        }
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task A_diff_of_random_edits_is_one_that_git_applies()
    {
        StringBuilder script = new("git init -q\n");
        Random random = new(3);
        List<string> lines = [.. Enumerable.Range(0, 120).Select(_ => $"line {random.Next(12)}")];
        for (int commit = 0; commit < 25; commit++)
        {
            script.Append("printf '%s").Append(random.Next(2) == 0 ? "\\n" : "").Append("' '").AppendJoin('\n', lines).Append("' >text; git add text; commit -m ").Append(commit).Append('\n');
            for (int edits = random.Next(1, 12); edits > 0; edits--)
            {
                int at = random.Next(lines.Count);
                switch (random.Next(3))
                {
                    case 0:
                        lines.RemoveRange(at, Math.Min(random.Next(1, 5), lines.Count - at));
                        break;
                    case 1:
                        lines.InsertRange(at, lines.GetRange(at, Math.Min(random.Next(1, 4), lines.Count - at)));
                        break;
                    default:
                        lines[at] = $"line {random.Next(14)}";
                        break;
                }
            }
        }
        using TestRepository repository = new(script.ToString());
        await using Browser browser = await repository.OpenAsync();
        foreach (string id in repository.RunLines("git rev-list main~24..main"))
        {
            await File.WriteAllBytesAsync(repository.At(id), await browser.ReadAllAsync($"commits/{id}.meta/diff"));
        }
        string[] trees = repository.RunLines("for id in $(git rev-list main~24..main); do git read-tree $id^; git apply --cached ../$id; git write-tree; done");
        Assert.Equal(repository.RunLines("for id in $(git rev-list main~24..main); do git rev-parse $id^{tree}; done"), trees);
    }

    [Fact]
    public async Task A_diff_that_is_too_long_is_an_error_and_a_line_in_the_log()
    {
        using TestRepository repository = new("git init -q\nfor i in 1 2 3 4 5 6; do seq -f \"$i %20.0f\" 1 80000 >$i; done; git add -A; commit -m long; printf x >x; git add -A; commit -m short");
        await using Browser browser = await repository.OpenAsync();
        string[] ids = repository.RunLines("git rev-list main");
        ulong meta = await browser.FindAsync($"commits/{ids[1]}.meta");
        Assert.Equal(Errno.EFBIG, (await browser.FileSystem.LookupAsync(default, meta, "diff"u8.ToArray())).Errno);
        Assert.Contains(browser.Log.Lines, line => line.Contains(ids[1], StringComparison.Ordinal) && line.Contains("'diff' is not made", StringComparison.Ordinal));
        Assert.NotEmpty(await browser.ReadAllAsync($"commits/{ids[0]}.meta/diff"));
    }

    [Fact]
    public async Task A_listing_makes_nothing_and_what_stat_says_is_true()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(3));
        await using Browser browser = await repository.OpenAsync();
        string id = repository.RunLines("git rev-parse main")[0];
        foreach ((string name, Attributes listed) in await browser.ListAsync(await browser.FindAsync($"commits/{id}.meta")))
        {
            if (listed.IsRegularFile)
            {
                Assert.Equal(0u, listed.Size);
                Attributes attributes = (await browser.FileSystem.GetAttributesAsync(default, listed.Inode, null)).Value.Attributes;
                Assert.Equal((name, (int)attributes.Size), (name, (await browser.ReadAsync(listed.Inode, 0, 1 << 20)).Content.Length));
                Assert.True(attributes.Size > 0);
            }
        }
    }

    [Fact]
    public async Task A_text_that_fell_out_of_the_cache_is_made_again()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(2));
        await using Browser browser = await repository.OpenAsync(cacheBudget: 0);
        string id = repository.RunLines("git rev-parse main")[0];
        ulong inode = await browser.FindAsync($"commits/{id}.meta/diff");
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(repository.Run($"{AsGit} {id}"), Encoding.Latin1.GetString((await browser.ReadAsync(inode, 0, 1 << 20)).Content));
        }
    }
}
