using Kaleidofs.Tests.Vm.Archives;
using Kaleidofs.Tests.Vm.Repositories;

namespace Kaleidofs.Tests.Vm.Guests;

/// <summary>A repository's commits in a guest, beside what git checks out of them here.</summary>
public sealed class CommitsInGuestTests
{
    [SkippableFact]
    public void A_commit_is_what_git_checks_out_and_a_ref_that_moves_is_followed()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        Skip.If(CheckedOutRepository.Missing is not null, CheckedOutRepository.Missing);
        using CheckedOutRepository repository = new();
        using HostProcess commit = HostProcess.Serve($"git:{repository.Path}@v1", "--queues", "2");
        using HostProcess refs = HostProcess.Serve($"git:{repository.Path}");
        using Guest guest = Guest.Boot(new GuestOptions { Shares = [new GuestShare("v1", commit.Place, Queues: 2), new GuestShare("refs", refs.Place)], Cpus = 2 });
        foreach (string script in Tools.OfGuest.Values.Append("cd \"$1\" && find . -type f -size +4k | sort"))
        {
            string[] options = ["named", "none", "."];
            CommandResult expected = Shell.RunBusybox(script, [repository.Tree, .. options]).Succeeded();
            Assert.NotEmpty(expected.Output);
            Difference.Expect(expected, guest.Run($"set -- /mnt/v1 {string.Join(' ', options)}\n{script}").Succeeded());
        }

        Assert.Equal(Shell.RunBusybox(Tools.OfGuest["sha256sum"], repository.Tree, "", "", "program").Succeeded().Text, guest.Run($"set -- /mnt/refs/tags/v1 '' '' program\n{Tools.OfGuest["sha256sum"]}").Succeeded().Text);

        string before = repository.Run("cat package/package.json; git rev-parse main");
        Assert.Equal(before, guest.Run("cd /mnt/refs && exec 3<branches/main/package/package.json && cat branches/main/package/package.json && basename $(readlink branches/main)").Succeeded().Text);
        string after = repository.Run("echo more >>package/package.json && git commit -qam third && cat package/package.json && git rev-parse main");
        Assert.Equal(after, guest.Run("cd /mnt/refs && cat branches/main/package/package.json && basename $(readlink branches/main)").Succeeded().Text);
        Assert.Equal(repository.Run("git show main~1:package/package.json"), guest.Run($"cat /mnt/refs/commits/{repository.Run("git rev-parse main~1").Trim()}/package/package.json").Succeeded().Text);
        guest.PowerOff();
        Assert.Equal(0, commit.Stop());
        Assert.Equal(0, refs.Stop());
    }
}
