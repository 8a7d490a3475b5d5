using Kaleidofs.Host.DevFuse.Uring;

namespace Kaleidofs.Tests.Unit.DevFuse;

public sealed class PossibleCpusTests
{
    [Theory]
    [InlineData("0\n", 1)]
    [InlineData("0-1\n", 2)]
    [InlineData("0-3,8,10-11", 7)]
    public void A_list_is_counted_as_the_kernel_writes_it(string list, int count) => Assert.Equal(count, PossibleCpus.Parse(list));

    [Theory]
    [InlineData("")]
    [InlineData("0-")]
    [InlineData("3-1")]
    [InlineData("0-1-2")]
    [InlineData("all")]
    public void What_is_no_list_is_refused(string list) => Assert.Throws<IOException>(() => PossibleCpus.Parse(list));
}
