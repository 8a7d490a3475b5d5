using System.Text;
using Kaleidofs.Drivers.Git.Lfs;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>With <c>-o lfs</c> a pointer is shown as the file that it leads to, where the repository has it.</summary>
public sealed class LfsTests
{
    private const string Script = """
        git init -q
        pointer() { printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %s\n' "$(sha256sum <"$1" | cut -d' ' -f1)" "$(stat -c %s "$1")"; }
        keep() { id=$(sha256sum <"$1" | cut -d' ' -f1); mkdir -p .git/lfs/objects/${id:0:2}/${id:2:2}; cp "$1" .git/lfs/objects/${id:0:2}/${id:2:2}/$id; }
        seq 1 60000 >../there; seq 1 7 >../absent; seq 1 500 >../damaged; seq 1 600 >../short; : >../empty
        for name in there damaged short empty; do keep ../$name; done
        for name in there absent damaged short empty; do pointer ../$name >$name; done
        id=$(sha256sum <../damaged | cut -d' ' -f1); sed -i 's/5/6/' .git/lfs/objects/${id:0:2}/${id:2:2}/$id
        id=$(sha256sum <../short | cut -d' ' -f1); truncate -s 5 .git/lfs/objects/${id:0:2}/${id:2:2}/$id
        sed 's/spec/speck/' there >other; ln -s "$(cat there)" link; git add -A; commit -m x; git repack -qad

        """;

    [Fact]
    public async Task A_pointer_is_the_file_that_it_leads_to()
    {
        using TestRepository repository = new(Script);
        await using Browser browser = await repository.OpenAsync("@main", null, 64 << 20, "lfs");
        byte[] expected = await File.ReadAllBytesAsync(repository.At("there"));
        Assert.Equal(expected.Length, (int)(await browser.LookupAsync("there")).Size);
        Assert.Equal((ulong)expected.Length, (await browser.ListAsync(FileSystem.RootInode)).Single(entry => entry.Name == "there").Attributes.Size);
        Assert.Equal(expected, await browser.ReadAllAsync("there"));
        Assert.Equal(expected[100_000..100_050], (await browser.ReadAsync((await browser.LookupAsync("there")).Inode, 100_000, 50)).Content);
        Assert.Equal(0u, (await browser.LookupAsync("empty")).Size);
        Assert.Empty(await browser.ReadAllAsync("empty"));
        // What is not there, not whole, or no pointer, is what the repository has.
        foreach (string name in (string[])["absent", "short", "other"])
        {
            Assert.Equal(repository.Run($"cat {name}"), Encoding.UTF8.GetString(await browser.ReadAllAsync(name)));
        }
        Assert.True((await browser.LookupAsync("link")).IsSymbolicLink);
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task A_file_that_is_not_what_its_name_says_is_EIO()
    {
        using TestRepository repository = new(Script);
        await using Browser browser = await repository.OpenAsync("@main", null, 64 << 20, "lfs");
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("damaged"));
        Assert.Contains(browser.Log.Lines, line => line.Contains("not the file that its name says", StringComparison.Ordinal));
        Assert.NotEmpty(await browser.ReadAllAsync("there"));
        repository.Run("rm -r .git/lfs");
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("there"));
        Assert.Contains(browser.Log.Lines, line => line.Contains("git lfs fetch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_option_a_pointer_is_a_pointer()
    {
        using TestRepository repository = new(Script);
        await using Browser browser = await repository.OpenAsync("@main");
        await repository.CheckAsync(browser, "main");
    }

    [Theory]
    [InlineData("")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:ABC\nsize 12\n")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:../../../../../../../../../../../../../../../../../../../../etc/passwd\nsize 12\n")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize -1\n")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 1x\n")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12")]
    public void What_is_no_pointer_is_none(string text) => Assert.Null(LfsPointer.Parse(Encoding.UTF8.GetBytes(text)));
}
