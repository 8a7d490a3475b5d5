using System.Text;
using Kaleidofs.Drivers.Git;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Refs;
using Kaleidofs.Drivers.Git.Refs.Reftables;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>Refs in tables that the real git writes.</summary>
public sealed class ReftableTests
{
    private static readonly string[] Prefixes = [RefNames.Branches, RefNames.Tags, RefNames.Remotes];

    [SkippableTheory]
    [InlineData("sha1", "", "")]
    [InlineData("sha256", "", "")]
    [InlineData("sha1", "git pack-refs --all", "one table")]
    [InlineData("sha1", "git -c reftable.blockSize=512 pack-refs --all", "many blocks, with an index of several levels")]
    [InlineData("sha256", "git -c reftable.blockSize=400 -c reftable.restartInterval=2 pack-refs --all", "the same, named by SHA-256")]
    [InlineData("sha1", "git -c reftable.indexObjects=false -c core.logAllRefUpdates=false pack-refs --all", "nothing but refs")]
    public async Task Every_ref_is_what_git_has(string format, string packing, string what)
    {
        Skip.If(NewGit.Missing is not null, NewGit.Missing);
        using TestRepository repository = new($"""
            git init -q --ref-format=reftable --object-format={format}
            {TestRepository.History(22)}
            for i in $(seq 1500); do echo "create refs/heads/many/$((i % 37))/branch-$i main~$((i % 20))"; done | git update-ref --stdin
            git symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main; git update-ref refs/remotes/origin/main main~2
            {packing}
            """, git: NewGit.Folder);
        Assert.NotNull(what);
        Check(repository);
        // Deleted and moved in later tables than the one that has them.
        repository.Run("git update-ref -d refs/heads/many/1/branch-1; git tag -d v10 >/dev/null; git update-ref refs/heads/topic/7 main; git tag -a -m late zlate main; git branch again");
        Check(repository);
        await using Browser browser = await repository.OpenAsync();
        Assert.Contains("again", (await browser.ListAsync(await browser.FindAsync("branches"))).Select(entry => entry.Name));
        Assert.Equal("../../commits/" + repository.RunLines("git rev-parse main")[0], await browser.ReadLinkAsync("branches/topic/7"));
        Assert.Equal("commits/" + repository.RunLines("git rev-parse HEAD")[0], await browser.ReadLinkAsync("HEAD"));
        Assert.Equal(Errno.ENOENT, (await browser.FileSystem.LookupAsync(default, await browser.FindAsync("tags"), "v10"u8.ToArray())).Errno);
        await using Browser tagged = await repository.OpenAsync("@zlate");
        await repository.CheckAsync(tagged, "main");
        Assert.Empty(browser.Log.Lines);
    }

    [SkippableFact]
    public async Task A_worktree_has_a_head_of_its_own()
    {
        Skip.If(NewGit.Missing is not null, NewGit.Missing);
        using TestRepository repository = new("git init -q --ref-format=reftable\n" + TestRepository.History(4) + "git worktree add -q --detach ../tree main~2; git -C ../tree update-ref refs/worktree/own main~1", git: NewGit.Folder);
        await using Browser head = await repository.OpenAsync("@HEAD", "tree");
        await repository.CheckAsync(head, "main~2");
        await using Browser own = await repository.OpenAsync("@refs/worktree/own", "tree");
        await repository.CheckAsync(own, "main~1");
        await using Browser main = await repository.OpenAsync("@HEAD");
        await repository.CheckAsync(main, "main");
    }

    [SkippableFact]
    public async Task Tables_are_merged_while_somebody_reads()
    {
        Skip.If(NewGit.Missing is not null, NewGit.Missing);
        using TestRepository repository = new("git init -q --ref-format=reftable; for i in 1 2 3; do commit -m $i; done; git branch moving", git: NewGit.Folder);
        string[] ids = repository.RunLines("git rev-list main");
        await using Browser browser = await repository.OpenAsync();
        using CancellationTokenSource ending = new();
        int read = 0;
        Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                Assert.Contains((await browser.ReadLinkAsync("branches/moving"))["../commits/".Length..], ids);
                Assert.Equal(["main", "moving"], (await browser.ListAsync(await browser.FindAsync("branches"))).Select(entry => entry.Name).Except(["other"]));
                Interlocked.Increment(ref read);
            }
        }))];
        try
        {
            for (int i = 0; i < 60 && !readers.Any(reader => reader.IsFaulted); i++)
            {
                repository.Run($"git update-ref refs/heads/moving main~{i % 3}; git branch -f other main; [ {i % 8} != 0 ] || git pack-refs --all; git branch -q -D other");
                Assert.Equal("../commits/" + ids[i % 3], await browser.ReadLinkAsync("branches/moving"));
            }
        }
        finally
        {
            await ending.CancelAsync();
        }
        await Task.WhenAll(readers);
        Assert.InRange(read, 20, int.MaxValue);
        Assert.Empty(browser.Log.Lines);
    }

    [SkippableFact]
    public async Task A_damaged_table_is_EIO_for_all_refs()
    {
        Skip.If(NewGit.Missing is not null, NewGit.Missing);
        using TestRepository repository = new("git init -q --ref-format=reftable; commit -m x; git branch other; git pack-refs --all", git: NewGit.Folder);
        string table = Assert.Single(Directory.GetFiles(repository.Path + "/.git/reftable", "*.ref"));
        byte[] bytes = File.ReadAllBytes(table);
        bytes[^1] ^= 1;
        repository.Run("chmod u+w .git/reftable/*.ref");
        File.WriteAllBytes(table, bytes);
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => repository.OpenAsync("@main"));
        Assert.Contains("its refs are damaged", exception.Message);
        await using Browser browser = await repository.OpenAsync();
        Assert.Equal(Errno.EIO, (await browser.FileSystem.LookupAsync(default, await browser.FindAsync("branches"), "main"u8.ToArray())).Errno);
        Assert.Contains(browser.Log.Lines, line => line.Contains("its footer's checksum is wrong", StringComparison.Ordinal));
        // A list that leads elsewhere.
        File.WriteAllText(repository.Path + "/.git/reftable/tables.list", "../../outside.ref\n");
        await using Browser outside = await repository.OpenAsync();
        Assert.Equal(Errno.EIO, (await outside.FileSystem.LookupAsync(default, await outside.FindAsync("branches"), "main"u8.ToArray())).Errno);
    }

    [SkippableFact]
    public void Mutated_tables_are_refused_or_read_and_nothing_else()
    {
        Skip.If(NewGit.Missing is not null, NewGit.Missing);
        using TestRepository repository = new("""
            git init -q --ref-format=reftable; commit -m x; git tag -a -m t t
            for i in $(seq 120); do echo "create refs/heads/branch-$i main"; done | git update-ref --stdin
            git -c reftable.blockSize=512 pack-refs --all
            """, git: NewGit.Folder);
        byte[] original = File.ReadAllBytes(Assert.Single(Directory.GetFiles(repository.Path + "/.git/reftable", "*.ref")));
        byte[] prefix = Encoding.ASCII.GetBytes(RefNames.Branches);
        Assert.Equal(121, Reftable.Parse(original, ObjectFormat.Sha1).List(prefix).Count());
        Random random = new(1);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = original[..(random.Next(4) == 0 ? random.Next(original.Length) : original.Length)];
            for (int change = random.Next(1, 4); change > 0 && bytes.Length > 0; change--)
            {
                // Mostly in the blocks: the footer has a checksum.
                bytes[random.Next(Math.Max(1, bytes.Length - 68))] = (byte)random.Next(256);
            }
            try
            {
                Reftable table = Reftable.Parse(bytes, ObjectFormat.Sha1);
                _ = table.List(prefix).Count();
                _ = table.TryGet("refs/heads/branch-77"u8, out _);
            }
            catch (DamageException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 19_999);
    }

    private static void Check(TestRepository repository)
    {
        DamageLog log = new(DriverLog.Silent);
        string directory = repository.Path + "/.git";
        ObjectFormat format = GetFormat(directory);
        ReftableRefs refs = new(directory, directory, format, log);
        string[] told = repository.RunLines("git for-each-ref --format='%(refname) %(objectname)'");
        List<string> seen = [];
        foreach (string name in Prefixes.SelectMany(refs.List))
        {
            Assert.Equal(Errno.None, refs.Resolve(name, out ObjectId id, out ObjectId peeled));
            Assert.True(peeled == default || name.StartsWith(RefNames.Tags, StringComparison.Ordinal));
            seen.Add($"{name} {id.ToHex(format)}");
        }
        Assert.Equal(told.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        Assert.Equal(told.Length, seen.Count);
        Assert.Equal(Errno.ENOENT, refs.Resolve("refs/heads/nowhere", out _, out _));
    }

    private static ObjectFormat GetFormat(string directory) => RepositoryConfig.Read(directory, directory).Format;
}
