namespace Kaleidofs.Tests.Unit.Api;

/// <summary>What <c>-o</c> values mean, and how those that mean nothing are refused.</summary>
public sealed class OptionReaderTests
{
    private static OptionReader With(string value) => new(new Dictionary<string, string> { ["x"] = value });

    [Theory]
    [InlineData("", true)]
    [InlineData("on", true)]
    [InlineData("yes", true)]
    [InlineData("1", true)]
    [InlineData("off", false)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    public void A_switch_has_the_usual_names(string value, bool expected)
    {
        Assert.Equal(expected, With(value).IsOn("x", !expected));
        Assert.Equal(expected, With(value).IsOn("not given", expected));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("65536", 65536)]
    [InlineData("64k", 65536)]
    [InlineData("3M", 3L << 20)]
    [InlineData("8191T", 8191L << 40)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_size_is_in_bytes_or_powers_of_1024(string value, long expected) => Assert.Equal(expected, With(value).GetSize("x", 7));

    [Fact]
    public void What_was_not_given_is_as_it_would_be()
    {
        OptionReader reader = With("");
        Assert.Equal(7, reader.GetSize("y", 7));
        Assert.Equal(TimeSpan.FromSeconds(1.5), reader.GetSeconds("y", 1.5, 0));
        Assert.Null(reader.GetNumber("y", 0, 1));
        Assert.Null(reader.GetOneOf("y", "a", "b"));
        Assert.Null(reader.GetFolder("y"));
        Assert.Null(reader.GetFolder("x"));
        Assert.Null(reader.GetText("y"));
    }

    [Fact]
    public void What_means_nothing_is_a_mistake_of_the_users_and_says_what_to_write()
    {
        Refused("maybe", reader => reader.IsOn("x"), "x=maybe: write on or off");
        Refused("-1", reader => reader.GetNumber("x", 0, 5), "x=-1: not a whole number from 0 to 5");
        Refused("6", reader => reader.GetNumber("x", 0, 5), "x=6: not a whole number from 0 to 5");
        Refused("1e3", reader => reader.GetSeconds("x", 1, .5), "x=1e3: not a number of seconds, 0.5 or more");
        Refused(".4", reader => reader.GetSeconds("x", 1, .5), "x=.4: not a number of seconds, 0.5 or more");
        Refused("", reader => reader.GetSize("x", 1), "x=: not a size; write a number of bytes, or one with K, M, G or T");
        Refused("8388608T", reader => reader.GetSize("x", 1), "x=8388608T: not a size; write a number of bytes, or one with K, M, G or T");
        Refused("c", reader => reader.GetOneOf("x", "a", "b", "d"), "x=c: write a, b or d");
    }

    private static void Refused(string value, Action<OptionReader> read, string message)
    {
        SourceException refusal = Assert.Throws<SourceException>(() => read(With(value)));
        Assert.Equal(message, refusal.Message);
        Assert.True(refusal.IsUsageError);
    }
}
