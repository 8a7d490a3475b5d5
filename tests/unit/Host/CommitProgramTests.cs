using System.Diagnostics;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary><c>kaleidofs commit</c>, as it is run, and as it is killed.</summary>
[Collection(ProgramCollection.Name)]
public sealed class CommitProgramTests : IDisposable
{
    private const int Kills = 5;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_at_any_moment_the_archive_is_the_old_one_or_the_new_one_and_the_next_commit_succeeds()
    {
        Directory.CreateDirectory(_directory["in"]);
        Shell.Run("cd \"$1/in\" && head -c 10000000 /dev/urandom >big && seq 1 100000 >text && zip -qr0 ../a.zip . && tar cf ../a.tar *", _directory.Path).Succeeded();
        foreach (string name in (string[])["a.zip", "a.tar"])
        {
            string archive = _directory[name];
            byte[] old = File.ReadAllBytes(archive);
            await using (CommitBench bench = await CommitBench.OpenAsync(archive))
            {
                for (int file = 0; file < 300; file++)
                {
                    Assert.Equal(Errno.None, await bench.Tree.CreateAsync($"new{file}"));
                    await bench.Tree.WriteAsync($"new{file}", 0, TestContent.MakeText(file, 20_000));
                }
            }
            // The first one is not killed, and says how long the moments last; it works on copies.
            Shell.Run("cp -p \"$1\" \"$1.2\" && cp -rp \"$1.overlay\" \"$1.2.overlay\"", archive).Succeeded();
            long start = Stopwatch.GetTimestamp();
            BuiltProgram.Run("commit", archive + ".2", "--overlay", archive + ".2.overlay").Succeeded();
            double whole = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            List<string> made = await CommitBench.DescribeAsync(archive + ".2", isZip: true);
            int committed = 0;
            for (int kill = 0; kill < Kills; kill++)
            {
                Shell.Run("cp -p \"$1.saved\" \"$1\" 2>/dev/null || cp -p \"$1\" \"$1.saved\"; rm -rf \"$1.work\" && cp -rp \"$1.overlay\" \"$1.work\"", archive).Succeeded();
                // By turns at some time, the program's start being the first third, and around the rename.
                Kill(archive, kill % 2 == 0 ? TimeSpan.FromMilliseconds(whole * (0.3 + (0.7 * kill / (Kills - 1)))) : null);
                bool isOld = File.ReadAllBytes(archive).AsSpan().SequenceEqual(old);
                committed += isOld ? 0 : 1;
                if (!isOld)
                {
                    Assert.Equal(made, await CommitBench.DescribeAsync(archive, isZip: true));
                }
                CommandResult next = BuiltProgram.Run("commit", archive, "--overlay", archive + ".work").Succeeded();
                Assert.Contains(isOld ? "300 created" : "nothing to commit", next.Text, StringComparison.Ordinal);
                Assert.Equal(made, await CommitBench.DescribeAsync(archive, isZip: true));
                Assert.Empty(Directory.EnumerateFiles(_directory.Path, $".{name}.kaleidofs-*"));
            }
            Assert.True(committed < Kills, "no kill came before the rename");
        }
    }

    [Fact]
    public async Task What_it_did_and_what_it_cannot_do_is_one_line()
    {
        Directory.CreateDirectory(_directory["in"]);
        _directory.Write("in/file", "content"u8);
        Shell.Run("cd \"$1/in\" && zip -qr ../a.zip .", _directory.Path).Succeeded();
        string archive = _directory["a.zip"];
        await using (CommitBench bench = await CommitBench.OpenAsync(archive))
        {
            await bench.Tree.WriteAsync("file", 0, "changed"u8.ToArray());
            Assert.Equal(Errno.None, await bench.Tree.CreateAsync("new"));
            AssertFails(1, "another process or share uses it", archive, "--overlay", archive + ".overlay");
        }
        AssertFails(2, "--overlay DIR", archive);
        AssertFails(2, "uid=", archive, "--overlay", archive + ".overlay", "-o", "uid=5");
        AssertFails(1, "there is no overlay", archive, "--overlay", _directory["nowhere"]);
        AssertFails(1, "null:", "null:", "--overlay", _directory["null.overlay"]);
        CommandResult done = BuiltProgram.Run("commit", archive, "--overlay", archive + ".overlay").Succeeded();
        Assert.StartsWith("1 created, 1 changed, 0 removed; ", done.Text, StringComparison.Ordinal);
        Assert.Contains("nothing to commit", BuiltProgram.Run("commit", archive, "--overlay", archive + ".overlay").Succeeded().Text, StringComparison.Ordinal);
        Shell.Run("unzip -p \"$1\" file | grep -qx changed", archive).Succeeded();
    }

    [SkippableFact]
    public async Task In_a_directory_that_cannot_be_written_nothing_changes()
    {
        Skip.If(Shell.Run("setpriv --reuid=65534 --regid=65534 --clear-groups \"$1\" --version", BuiltProgram.Program).Status != 0, "the program cannot be run by another user here");
        Directory.CreateDirectory(_directory["in"]);
        _directory.Write("in/file", "content"u8);
        Shell.Run("cd \"$1/in\" && zip -qr ../a.zip .", _directory.Path).Succeeded();
        string archive = _directory["a.zip"];
        await using (CommitBench bench = await CommitBench.OpenAsync(archive))
        {
            Assert.Equal(Errno.None, await bench.Tree.CreateAsync("new"));
        }
        byte[] old = File.ReadAllBytes(archive);
        Shell.Run("chown -R 65534 \"$1.overlay\" && chmod 755 \"$2\"", archive, _directory.Path).Succeeded();
        CommandResult result = Shell.Run("setpriv --reuid=65534 --regid=65534 --clear-groups \"$1\" commit \"$2\" --overlay \"$2.overlay\"", BuiltProgram.Program, archive);
        Assert.Equal(1, result.Status);
        Assert.Contains("is as it was", Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal(old, File.ReadAllBytes(archive));
    }

    /// <summary>Starts a commit, and kills it after a time, or as soon as it has noted that it is about to rename.</summary>
    private static void Kill(string archive, TimeSpan? after)
    {
        ProcessStartInfo start = new(BuiltProgram.Program, ["commit", archive, "--overlay", archive + ".work"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KALEIDOFS_NO_BUILD"] = "1";
        using Process process = Process.Start(start)!;
        if (after is { } time)
        {
            Thread.Sleep(time);
        }
        else
        {
            SpinWait.SpinUntil(() => File.Exists(archive + ".work/committed") || process.HasExited, TimeSpan.FromSeconds(30));
        }
        process.Kill();
        process.WaitForExit();
    }

    private static void AssertFails(int status, string expected, params string[] arguments)
    {
        CommandResult result = BuiltProgram.Run(["commit", .. arguments]);
        Assert.Equal(status, result.Status);
        Assert.Contains(expected, Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }
}
