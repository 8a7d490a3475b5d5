using Kaleidofs.Host.Cli;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Tests.Unit.Host;

public sealed class OptionTests
{
    [Fact]
    public void Options_come_one_by_one_or_with_commas_between_them()
        => Assert.Equal(
            new Dictionary<string, string> { ["a"] = "1", ["b"] = "2=3", ["c"] = "", ["d"] = "x,y" },
            OptionList.Parse(["a=1,b=2=3", "c", @"d=x\,y"]));

    [Theory]
    [InlineData("=x")]
    [InlineData("a=1,a=2")]
    public void An_option_without_a_name_or_given_twice_is_refused(string text)
        => Assert.True(Assert.Throws<SourceException>(() => OptionList.Parse([text])).IsUsageError);

    [Fact]
    public void The_driver_gets_what_the_host_does_not_take()
    {
        HostOptions options = HostOptions.Split(OptionList.Parse(["uid=1,gid=2,mode=0640,dmode=750,ro,threads=3,poll=50,allow_other=no,other=x"]));
        Assert.Equal((1u, 2u, 0b110_100_000u, 0b111_101_000u, true, 3, 50, false),
            (options.UserId, options.GroupId, options.Mode, options.DirectoryMode, options.IsReadOnly, options.Threads, options.PollMicroseconds, options.AllowOther));
        Assert.Equal(new Dictionary<string, string> { ["other"] = "x" }, options.DriverOptions);
        Assert.Equal(HostOptions.Known.Count, HostOptions.Known.Select(option => option.Name).Distinct().Count());
        Assert.All(HostOptions.Known, option => Assert.Empty(HostOptions.Split(new Dictionary<string, string> { [option.Name] = "1" }).DriverOptions));
    }

    [Theory]
    [InlineData("uid", "4294967295")]
    [InlineData("gid", "-1")]
    [InlineData("mode", "8")]
    [InlineData("mode", "")]
    [InlineData("dmode", "17777")]
    [InlineData("ro", "maybe")]
    [InlineData("threads", "0")]
    [InlineData("poll", "x")]
    public void A_value_that_means_nothing_is_refused(string name, string value)
    {
        SourceException exception = Assert.Throws<SourceException>(() => HostOptions.Split(new Dictionary<string, string> { [name] = value }));
        Assert.True(exception.IsUsageError);
        Assert.Contains($"{name}={value}", exception.Message);
    }
}
