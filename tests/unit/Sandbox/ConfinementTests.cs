using Kaleidofs.Host.Sandbox;

namespace Kaleidofs.Tests.Unit.Sandbox;

/// <summary>What is taken away once shares have started, and that nobody is told so if it is not.</summary>
public sealed class ConfinementTests
{
    [Fact]
    public void A_filter_that_the_kernel_does_not_take_shows_in_the_state()
    {
        Confinement started = new("seccomp", AllowsRings: true);
        Confinement refused = started.CloseAfterStart(_ => false);
        Assert.StartsWith("seccomp; io_uring stays open to drivers (", refused.State, StringComparison.Ordinal);
        Assert.True(refused.IsOpen);
        Assert.Same(started, started.CloseAfterStart(filter => filter.Length > 0));
        Assert.False(started.IsOpen);
    }

    [Fact]
    public void Nothing_is_laid_on_where_nothing_was_allowed()
    {
        Assert.Same(Confinement.None, Confinement.None.CloseAfterStart(_ => throw new InvalidOperationException()));
        Confinement served = new("seccomp");
        Assert.Same(served, served.CloseAfterStart(_ => throw new InvalidOperationException()));
    }
}
