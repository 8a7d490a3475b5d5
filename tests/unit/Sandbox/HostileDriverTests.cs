using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Host;

namespace Kaleidofs.Tests.Unit.Sandbox;

/// <summary>A driver that turns on its host, in the real process, made to act by a guest.</summary>
[Collection(ProgramCollection.Name)]
public sealed class HostileDriverTests
{
    private static readonly string[] OnFiles =
        ["at-load", "read-neighbour", "list-root", "write-file", "delete-file", "truncate-source", "delete-source", "read-parent"];

    private static readonly string[] OnPaths = ["change-mode", "change-time", "make-link"];

    private static readonly string[] OnProcesses = ["start-shell", "spawn-shell", "signal-parent", "watch-files"];

    private static readonly string[] OnNetworks = ["connect-out", "connect-here", "send-datagram", "ask-server"];

    /// <summary>What a test cannot let happen, or what containers forbid anyway.</summary>
    private static readonly string[] OnlyRefused = ["read-shadow", "become-shell", "fork", "read-memory", "mount", "new-namespace", "io-uring"];

    private static readonly string[] Work = ["read-source", "read-option", "write-scratch", "work-hard"];

    [SkippableFact]
    public void A_confined_driver_does_its_work_and_nothing_else()
    {
        Skip.If(Libc.LandlockVersion == 0, "this kernel has no Landlock");
        using HostileShare share = new("hostile", "auto");
        Assert.All([.. OnFiles, .. OnPaths, .. OnProcesses, .. OnNetworks, .. OnlyRefused], deed => Assert.Matches("denied|not permitted|does not have permission", share.Try(deed)));
        Assert.All(["source", "outside/secret", "outside/victim", "outside/mode"], file => Assert.True(share.IsIntact(file), file));
        Assert.False(share.Exists("outside/new") || share.Exists("outside/link"));
        Assert.All(Work, deed => Assert.Equal("done", share.Try(deed)));
        Assert.Matches("sandbox: no-new-privs, no capabilities, landlock \\d+, seccomp, no network", share.Log);
        Assert.Equal(0, share.Stop());
    }

    [Fact]
    public void The_same_driver_does_as_it_likes_where_there_is_no_sandbox()
    {
        using HostileShare share = new("hostile", "none");
        Assert.All([.. Work, .. OnProcesses, .. OnNetworks, .. OnPaths, .. OnFiles], deed => Assert.Equal("done", share.Try(deed)));
        Assert.True(share.Exists("outside/new") && share.Exists("outside/link"));
        Assert.False(share.Exists("outside/victim") || share.Exists("source"));
        Assert.Contains("sandbox: off", share.Log);
        Assert.Equal(0, share.Stop());
    }

    [SkippableFact]
    public void A_mount_is_confined_as_a_socket_is()
    {
        Skip.If(Libc.LandlockVersion == 0, "this kernel has no Landlock");
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.At("source"), "source");
        string options = $"outside={folder.Path},password-file={folder.At("source")},scratch={folder.At("scratch")},port=1";
        using HostProcess host = HostProcess.Mount($"hostile:{folder.At("source")}", "--driver-path", HostileShare.DriverFolder("Kaleidofs.Tests.Hostile"), "-o", options);
        Assert.True(SpinWait.SpinUntil(() => host.Log.Contains("sandbox: no-new-privs", StringComparison.Ordinal), TimeSpan.FromMinutes(1)), host.Log);
        Assert.All(["at-load", "list-root", "write-file", "start-shell", "fork", "mount", "connect-out", "delete-source", "io-uring"],
            deed => Assert.Matches("denied|not permitted|not implemented", File.ReadAllText(Path.Combine(host.Place, deed))));
        Assert.All(Work, deed => Assert.Equal("done", File.ReadAllText(Path.Combine(host.Place, deed)).TrimEnd()));
        Assert.Equal(0, host.Stop());
        Assert.False(host.IsMounted);
    }

    [SkippableFact]
    public void A_driver_that_declares_the_network_has_that_and_no_more()
    {
        Skip.If(Libc.LandlockVersion == 0, "this kernel has no Landlock");
        using HostileShare share = new("hostile-network", "auto");
        Assert.All(["connect-out", "send-datagram", "ask-server", "work-hard"], deed => Assert.Equal("done", share.Try(deed)));
        // It has not declared what it reads and writes, either.
        Assert.All([.. OnFiles, .. OnPaths, .. OnProcesses, .. OnlyRefused, "read-source", "read-option", "write-scratch"], deed => Assert.Matches("denied|not permitted|does not have permission", share.Try(deed)));
        Assert.Contains("network (a driver declares it)", share.Log);
        Assert.Equal(0, share.Stop());
    }

    [SkippableFact]
    public void A_driver_that_declares_workers_starts_these_and_nothing_else()
    {
        Skip.If(Libc.LandlockVersion == 0, "this kernel has no Landlock");
        using HostileShare share = new("hostile-workers", "auto");
        Assert.Equal("source+", share.Try("worker-echoes"));
        Assert.All([.. OnFiles, .. OnPaths, .. OnNetworks, .. OnlyRefused, "start-shell", "spawn-shell", "signal-parent"],
            deed => Assert.Matches("denied|not permitted|does not have permission", share.Try(deed)));
        Assert.Equal(0, share.Stop());
    }

    [SkippableTheory]
    [InlineData("auto")]
    [InlineData("none")]
    public void What_happens_to_a_worker_happens_to_it_alone(string sandbox)
    {
        Skip.If(Libc.LandlockVersion == 0, "this kernel has no Landlock");
        using HostileShare share = new("hostile-workers", sandbox);
        Assert.Equal("half-", share.Try("worker-crashes"));
        Assert.Equal("-", share.Try("worker-spins"));
        Assert.Equal("-", share.Try("worker-takes-memory"));
        Assert.Equal("source+", share.Try("worker-echoes"));
        Assert.Equal(0, share.Stop());
    }

    [SkippableTheory]
    [InlineData("auto")]
    [InlineData("none")]
    public void A_worker_is_confined_even_if_the_one_that_starts_it_is_not(string sandbox)
    {
        Skip.If(Libc.LandlockVersion == 0, "this kernel has no Landlock");
        using HostileShare share = new("hostile-workers", sandbox);
        string said = share.Try("worker-roams");
        Assert.EndsWith("+", said, StringComparison.Ordinal);
        Assert.All(said.TrimEnd('+').Split(';', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("denied|not permitted", line));
        Assert.Equal(5, said.Count(character => character == ';'));
        Assert.Equal(0, share.Stop());
    }

    [Fact]
    public void A_driver_that_declares_no_workers_gets_none()
    {
        using HostileShare share = new("hostile", "auto");
        Assert.Matches("not permitted|denied", share.Try("worker-echoes"));
        Assert.Equal(0, share.Stop());
    }
}
