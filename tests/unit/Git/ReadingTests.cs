using System.Text;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>What the driver shows is what git has, however the repository keeps it.</summary>
public sealed class ReadingTests
{
    [Theory]
    [InlineData("sha1", "", "as it was committed: each object in a file of its own")]
    [InlineData("sha256", "", "the same, named by SHA-256")]
    [InlineData("sha1", "git repack -qadf --depth=50 --window=60", "one pack of long chains of deltas")]
    [InlineData("sha256", "git repack -qadf --depth=50 --window=60", "the same, named by SHA-256")]
    [InlineData("sha1", "git -c pack.depth=300 -c repack.usedeltabaseoffset=false repack -qadf --depth=300 --window=300", "bases by name, chains beyond what git makes by itself")]
    [InlineData("sha1", "for i in 5 10 20; do git rev-list --objects main~$((40 - i)) | git pack-objects -q .git/objects/pack/pack >/dev/null; done; git multi-pack-index write 2>/dev/null", "several packs with one index, the rest loose")]
    [InlineData("sha256", "git repack -qd; git multi-pack-index write 2>/dev/null", "several packs with one index, named by SHA-256")]
    [InlineData("sha1", "git -c core.compression=0 repack -qadF", "without compression")]
    [InlineData("sha1", "git pack-refs --all; git gc -q --prune=now", "after gc")]
    public async Task Every_object_is_what_git_has(string format, string packing, string what)
    {
        using TestRepository repository = new($"git init -q --object-format={format}\n{TestRepository.History(40)}\n{packing}");
        Assert.NotEmpty(what);
        foreach (string revision in (string[])["main", "v10", "topic/35", "main~39", "HEAD~3^1"])
        {
            await using Browser browser = await repository.OpenAsync("@" + revision);
            await repository.CheckAsync(browser, revision);
            Assert.Empty(browser.Log.Lines);
        }
    }

    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    public void An_index_of_many_packs_finds_what_their_own_find(string format)
    {
        using TestRepository repository = new($"""
            git init -q --object-format={format}
            for i in 1 2 3; do printf $i >$i; git add -A; commit -m $i; git repack -q -d; done
            git multi-pack-index write 2>/dev/null
            """);
        ObjectFormat objects = ObjectFormat.Find(format)!;
        using ContentCache cache = new();
        PackFile[] packs = [.. Directory.GetFiles(repository.Path + "/.git/objects/pack", "*.idx").Select(index => PackFile.Open(index, objects, cache))];
        Assert.Equal(3, packs.Length);
        using MultiPackIndex index = MultiPackIndex.TryOpen(repository.Path + "/.git/objects/pack/multi-pack-index", packs, objects, cache, new DamageLog(DriverLog.Silent))!;
        foreach (PackFile pack in packs)
        {
            for (uint place = 0; place < pack.Index.Count; place++)
            {
                ObjectId id = pack.Index.Ids[place];
                Assert.True(pack.Index.TryFind(id, out long offset));
                Assert.Same(pack, index.Find(id, out long found));
                Assert.Equal(offset, found);
            }
            pack.Dispose();
        }
        Assert.Null(index.Find(default, out _));
    }

    [Fact]
    public async Task A_directory_of_a_commit_can_be_the_root()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(2));
        await using Browser browser = await repository.OpenAsync("@main:a directory/nested/");
        Assert.Equal(["Grüße.txt", "deeper"], new HashSet<string>([.. await browser.ListAllAsync(), "deeper"]).Order(StringComparer.Ordinal));
        Assert.Equal("Grüße\n", Encoding.UTF8.GetString(await browser.ReadAllAsync("Grüße.txt")));
        Assert.True(browser.FileSystem.Info.IsImmutable);
        Assert.Contains(repository.RunLines("git rev-parse main")[0], browser.FileSystem.Info.Identity);
    }

    [Fact]
    public async Task A_long_file_is_read_here_and_there_and_by_many_at_once()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(12) + "git repack -qadf");
        // Little room, so that blocks are dropped and made again.
        await using Browser browser = await repository.OpenAsync("@main", cacheBudget: 1 << 20);
        foreach (string name in (string[])["random.bin", "changed.bin", "long.txt"])
        {
            byte[] expected = File.ReadAllBytes(Path.Combine(repository.Path, name));
            ulong inode = await browser.FindAsync(name);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(async () =>
            {
                Random random = new(seed);
                for (int i = 0; i < 40; i++)
                {
                    int offset = random.Next(expected.Length + 100);
                    int count = random.Next(1, 300_000);
                    (Errno errno, byte[] content) = await browser.ReadAsync(inode, offset, count, segmentLength: 777);
                    Assert.Equal(Errno.None, errno);
                    Assert.Equal(expected.AsSpan(Math.Min(offset, expected.Length), Math.Clamp(expected.Length - offset, 0, count)).ToArray(), content);
                }
            })));
        }
    }

    [Fact]
    public async Task Names_may_be_any_bytes()
    {
        using TestRepository repository = new("""
            git init -q
            printf 'odd' >$'\xff\xfe line\nbreak'
            git add -A; commit -m odd
            """);
        await using Browser browser = await repository.OpenAsync("@main");
        byte[] name = [0xff, 0xfe, .. " line\nbreak"u8];
        Result<Entry> found = await browser.FileSystem.LookupAsync(default, FileSystem.RootInode, name);
        Assert.Equal(3ul, found.Value.Attributes.Size);
    }

    [Fact]
    public async Task Objects_are_borrowed_from_alternates_of_alternates()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(5) + """
            git clone -q --bare --shared . ../one.git
            git clone -q --bare --shared ../one.git ../two.git
            printf '# a comment\n../../one.git/objects\n' >../two.git/objects/info/alternates
            """);
        await using Browser browser = await repository.OpenAsync("@main", "two.git");
        await repository.CheckAsync(browser, "main");

        File.WriteAllText(repository.At("one.git/objects/info/alternates"), repository.At("gone") + "\n");
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => repository.OpenAsync("@main", "two.git"));
        Assert.Contains("'main' is there, but the commit is not", exception.Message);
    }

    [Fact]
    public async Task A_missing_alternate_is_named_and_the_rest_reads()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(3) + """
            git clone -q --bare --shared . ../borrower.git
            git clone -q ../borrower.git ../work
            cd ../work; rm -rf .git/objects/pack .git/objects/??; printf '%s\n' "$OLDPWD/../borrower.git/objects" >.git/objects/info/alternates
            printf new >new; git add new; commit -m new; git cat-file --batch-check --batch-all-objects >/dev/null
            rm -f ../borrower.git/objects/info/alternates
            """);
        await using Browser browser = await repository.OpenAsync("@main", "work");
        Assert.Equal(Errno.None, await browser.TryReadAllAsync("new"));
        Result<Entry> found = await browser.FileSystem.LookupAsync(default, FileSystem.RootInode, "a-b"u8.ToArray());
        Assert.Equal(Errno.EIO, found.Errno);
        Assert.Contains(browser.Log.Lines, line => line.Contains(repository.RunLines("git rev-parse main:a-b")[0] + " is missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_shallow_clone_shows_what_it_has()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(5) + "git clone -q --depth 2 file://$PWD ../shallow");
        await using Browser browser = await repository.OpenAsync("", "shallow");
        string head = repository.RunLines("git rev-parse main")[0];
        await repository.CheckAsync(browser, "main", await browser.FindAsync($"commits/{head}"));
        string parent = repository.RunLines("git rev-parse main~1")[0];
        Assert.Equal($"../../{parent}", await browser.ReadLinkAsync($"commits/{head}.meta/parents/1"));
        Assert.Equal($"../../{repository.RunLines("git rev-parse main~2")[0]}", await browser.ReadLinkAsync($"commits/{parent}.meta/parents/1"));
        Assert.Equal(Errno.ENOENT, (await browser.FileSystem.LookupAsync(default, await browser.FindAsync("commits"), Encoding.ASCII.GetBytes(repository.RunLines("git rev-parse main~2")[0]))).Errno);
    }

    [Fact]
    public async Task A_partial_clone_reads_what_it_has_and_names_what_it_has_not()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(3) + """
            git config uploadpack.allowFilter true
            git clone -q --no-checkout --filter=blob:none "file://$PWD" ../partial
            git -C ../partial cat-file -e main:a.b
            """);
        await using Browser browser = await repository.OpenAsync("@main", "partial");
        Assert.Equal("z"u8.ToArray(), await browser.ReadAllAsync("a.b"));
        Assert.Contains("bin", (await browser.ListAsync(FileSystem.RootInode)).Select(entry => entry.Name));
        Assert.Equal(Errno.EIO, (await browser.FileSystem.LookupAsync(default, FileSystem.RootInode, "long.txt"u8.ToArray())).Errno);
        string missing = repository.RunLines("git rev-parse main:long.txt")[0];
        Assert.Contains(browser.Log.Lines, line => line.Contains(missing, StringComparison.Ordinal) && line.Contains("partial clone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Inode_numbers_are_the_same_in_the_next_process_and_found_without_a_lookup()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(3));
        List<(string Path, Attributes Attributes)> before;
        await using (Browser browser = await repository.OpenAsync("@main"))
        {
            before = await browser.WalkAsync();
        }
        Assert.Equal(before.Count, before.DistinctBy(entry => entry.Attributes.Inode).Count());
        repository.Run("git gc -q --prune=now");
        await using (Browser browser = await repository.OpenAsync("@main"))
        {
            foreach ((string path, Attributes attributes) in before)
            {
                Result<CachedAttributes> found = await browser.FileSystem.GetAttributesAsync(default, attributes.Inode, null);
                Assert.Equal((path, attributes.Size, attributes.Mode), (path, found.Value.Attributes.Size, found.Value.Attributes.Mode));
            }
            Assert.Equal(Errno.ESTALE, (await browser.FileSystem.GetAttributesAsync(default, 12345ul << 20, null)).Errno);
        }
        await using (Browser browser = await repository.OpenAsync())
        {
            string head = repository.RunLines("git rev-parse main")[0];
            Assert.Equal((await browser.LookupAsync($"commits/{head}/bin/run")).Inode, await (await repository.OpenAsync()).FindAsync($"commits/{head}/bin/run"));
        }
    }

    [Fact]
    public async Task A_tree_that_would_lead_out_is_served_without_what_leads_out()
    {
        using TestRepository repository = new("""
            git init -q
            blob=$(printf x | git hash-object -w --stdin)
            entry() { printf "$1 $2\0"; printf "$(printf %s "$3" | sed 's/../\\x&/g')"; }
            { entry 100644 . $blob; entry 100644 .. $blob; entry 100644 .GIT $blob; entry 100644 a/b $blob; entry 100644 good $blob; entry 100644 good $blob; entry 100600 odd $blob; entry 10644 pipe $blob; } >../tree
            tree=$(git hash-object -w -t tree --literally ../tree)
            git update-ref refs/heads/main $(git commit-tree -m hostile $tree)
            """);
        await using Browser browser = await repository.OpenAsync("@main");
        Assert.Equal(["good", "odd"], await browser.ListAllAsync());
        Assert.Contains(browser.Log.Lines, line => line.Contains("6 entries are not served", StringComparison.Ordinal));
        foreach (string name in (string[])[".GIT", "pipe"])
        {
            Assert.Equal(0ul, (await browser.LookupAsync(name)).Inode);
        }
    }
}
