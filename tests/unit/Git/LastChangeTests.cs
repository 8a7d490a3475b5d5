using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>With <c>-o mtime=last-change</c> a path has the time of the last commit that touched it, as soon as that is known.</summary>
public sealed class LastChangeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_path_has_the_time_of_the_last_commit_that_git_log_tells()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(10) + Merges);
        Dictionary<string, long> told = Tell(repository, "git");
        Assert.True(told.Values.Distinct().Count() > 4);
        await using (Browser browser = await repository.OpenAsync("@main", null, 64 << 20, "mtime=last-change", $"times={repository.At("times")}"))
        {
            Assert.Equal(told, await WaitAsync(browser));
        }
        Assert.Single(Directory.GetFiles(repository.At("times"), "*.times"));

        // The next process has them from the file: the history may be gone.
        string head = repository.RunLines("git rev-parse main")[0];
        await using Browser next = await repository.OpenAsync("", null, 64 << 20, "mtime=last-change", $"times={repository.At("times")}");
        ulong root = await next.FindAsync($"commits/{head}");
        repository.Run("id=$(git rev-parse main~7); rm -f .git/objects/${id:0:2}/${id:2}; ! git cat-file -e $id 2>/dev/null");
        Assert.Equal(told, await WaitAsync(next, root));
    }

    [Fact]
    public async Task A_directory_that_is_the_root_has_the_same_times()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(8));
        await using Browser browser = await repository.OpenAsync("@main:a directory", null, 64 << 20, "mtime=last-change", "times=none");
        Dictionary<string, long> told = Tell(repository, "git").Where(pair => pair.Key.StartsWith("a directory/", StringComparison.Ordinal)).ToDictionary(pair => pair.Key["a directory/".Length..], pair => pair.Value);
        Assert.Equal(told, await WaitAsync(browser));
    }

    [Fact]
    public async Task A_shallow_clone_has_what_its_commits_tell_and_keeps_nothing()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(8) + "git clone -q --depth=4 \"file://$PWD\" ../shallow");
        await using Browser browser = await repository.OpenAsync("@main", "shallow", 64 << 20, "mtime=last-change", $"times={repository.At("times")}");
        Assert.Equal(Tell(repository, "git -C ../shallow"), await WaitAsync(browser));
        Assert.False(Directory.Exists(repository.At("times")));
    }

    [Fact]
    public async Task What_is_kept_and_damaged_is_found_out_again()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(8));
        string[] options = ["mtime=last-change", $"times={repository.At("times")}"];
        Dictionary<string, long> told;
        await using (Browser browser = await repository.OpenAsync("@main", null, 64 << 20, options))
        {
            told = await WaitAsync(browser);
        }
        string file = Assert.Single(Directory.GetFiles(repository.At("times")));
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[^50] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        await using Browser again = await repository.OpenAsync("@main", null, 64 << 20, options);
        Assert.Equal(told, await WaitAsync(again));
    }

    [Fact]
    public async Task Another_word_is_refused()
    {
        using TestRepository repository = new("git init -q; commit -m x");
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => repository.OpenAsync("@main", null, 64 << 20, "mtime=yesterday"));
        Assert.Contains("commit or last-change", exception.Message);
    }

    private const string Merges = """
        git checkout -q -b side main~5; echo side >'a directory/file 9'; echo side >new; git add -A; commit -m side
        git checkout -q main; GIT_AUTHOR_DATE='1700001000 +0000' GIT_COMMITTER_DATE='1700001000 +0000' git merge -q --no-ff -m merge side
        echo 1 >last; git add last; GIT_COMMITTER_DATE='1700002000 +0000' git commit -q -m last; git rm -q last; GIT_COMMITTER_DATE='1700003000 +0000' git commit -q -m unlast

        """;

    private static Dictionary<string, long> Tell(TestRepository repository, string git)
    {
        string script = $"{git} ls-tree -r -t --name-only -z main | while IFS= read -r -d '' path; do printf '%s\\t%s\\n' \"$({git} log -1 --format=%ct main -- \":(literal)$path\")\" \"$path\"; done";
        return repository.RunLines(script).Select(line => line.Split('\t')).ToDictionary(
            fields => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.Latin1.GetBytes(fields[1])), fields => long.Parse(fields[0], CultureInfo.InvariantCulture));
    }

    /// <summary>Until all times are said to stay.</summary>
    private static async Task<Dictionary<string, long>> WaitAsync(Browser browser, ulong root = FileSystem.RootInode)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            List<(string Path, Attributes Attributes)> all = await browser.WalkAsync(root);
            bool isFinal = true;
            Dictionary<string, long> times = [];
            foreach ((string path, Attributes attributes) in all)
            {
                CachedAttributes now = (await browser.FileSystem.GetAttributesAsync(default, attributes.Inode, null)).Value;
                isFinal &= now.Time == CacheTime.Forever;
                times.Add(path, now.Attributes.ModificationTime.Seconds);
            }
            if (isFinal)
            {
                return times;
            }
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit);
            await Task.Delay(20);
        }
    }
}
