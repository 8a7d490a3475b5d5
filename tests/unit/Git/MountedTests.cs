using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Host;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>The program serves a repository, confined, and the usual tools see what a checkout has.</summary>
[Collection(ProgramCollection.Name)]
public sealed class MountedTests
{
    [SkippableFact]
    public void Tools_see_what_a_checkout_has()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using TestRepository repository = new("git init -q\n" + TestRepository.History(12) + "git gc -q; git worktree add -q --detach ../checkout main~3; rm ../checkout/.git");
        using HostProcess host = HostProcess.Mount($"git:{repository.Path}");
        string mounted = host.Place;
        foreach (string script in (string[])[
            "find . -type f -size +100k | sort", "find . -printf '%p %y %m %l\\n' | sort | sed 's/ d [0-7]*/ d/'", "grep -rc 'changed in' . | sort",
            "find . -type f -print0 | sort -z | xargs -0 sha256sum", "tar -c --sort=name --owner=0 --group=0 --mtime=@0 --mode=a+rX,u+w,go-w . | sha256sum"])
        {
            string expected = Shell.Run($"cd \"$1\" && {script}", repository.At("checkout")).Succeeded().Text;
            Assert.NotEmpty(expected);
            Assert.Equal(expected, Shell.Run($"cd \"$1\"/commits/$(git -C \"$2\" rev-parse --short=12 main~3) && {script}", mounted, repository.Path).Succeeded().Text);
        }
        repository.Run("git update-ref refs/heads/moving main~1");
        Assert.Equal(repository.Run("git cat-file blob 'main~1:a directory/file 1'"), Shell.Run("cat \"$1/branches/moving/a directory/file 1\"", mounted).Succeeded().Text);
        repository.Run("git update-ref refs/heads/moving main~6");
        Assert.Equal(repository.Run("git cat-file blob 'main~6:a directory/file 1'"), Shell.Run("cat \"$1/branches/moving/a directory/file 1\"", mounted).Succeeded().Text);
        Assert.Equal(0, host.Stop());
    }

    [Fact]
    public void What_looks_inside_without_a_mount_tells_true_sizes_and_goes_down_all_the_way()
    {
        using TestRepository repository = new("git init -q\n" + TestRepository.History(3));
        string id = repository.RunLines("git rev-parse main")[0];
        string listed = BuiltProgram.Run("ls", "-l", $"git:{repository.Path}", $"commits/{id}.meta").Succeeded().Text;
        int size = BuiltProgram.Run("cat", $"git:{repository.Path}", $"commits/{id}.meta/diff").Succeeded().Text.Length;
        Assert.Contains(listed.Split('\n'), line => line.EndsWith(" diff", StringComparison.Ordinal) && line.Contains($" {size} ", StringComparison.Ordinal));
        foreach (string verb in (string[])["tree", "ls -R"])
        {
            string all = BuiltProgram.Run([.. verb.Split(' '), $"git:{repository.Path}@main"]).Succeeded().Text;
            Assert.Contains("file 3", all);
        }
    }
}
