using Kaleidofs.Drivers.S3.Keys;

namespace Kaleidofs.Tests.Unit.S3;

/// <summary>Keys between two keys, by which a long listing is divided.</summary>
public sealed class KeyAlphabetTests
{
    [Fact]
    public void A_middle_is_between_and_halving_comes_to_any_key_soon()
    {
        KeyAlphabet alphabet = new();
        alphabet.Note("file0123456789.txt");
        Random random = new(1);
        for (int round = 0; round < 1000; round++)
        {
            string wanted = $"d/file{random.Next(1_000_000):D6}.txt";
            string low = "d/file000000.txt";
            string? high = null;
            for (int step = 0; step < 60 && alphabet.FindMiddle(low, high, "d/") is { } middle; step++)
            {
                Assert.True(KeyText.Compare(low, middle) < 0 && (high is null || KeyText.Compare(middle, high) < 0));
                (low, high) = KeyText.Compare(wanted, middle) > 0 ? (middle, high) : (low, middle);
            }
            Assert.StartsWith("d/file", low[..Math.Min(low.Length, 6)], StringComparison.Ordinal);
            Assert.True(low.AsSpan().CommonPrefixLength(wanted) >= 6 || KeyText.Compare(low, wanted) <= 0);
        }
    }

    [Theory]
    [InlineData("p/a", "p/a", "p/")]
    [InlineData("p/é", null, "p/")]
    [InlineData("p/a\U0001F600", "p/a\U0001F601", "p/")]
    [InlineData("p/a", "p/b", "p/")]
    [InlineData("", null, "p/")]
    [InlineData("p/zzzzzzzzzzzz", null, "p/")]
    public void Any_two_keys_have_one_between_them_or_none(string low, string? high, string prefix)
    {
        KeyAlphabet alphabet = new();
        Assert.Null(alphabet.FindMiddle(low, high, prefix));
        alphabet.Note("azé\U0001F600/\u0001");
        if (alphabet.FindMiddle(low, high, prefix) is { } middle)
        {
            Assert.True(KeyText.Compare(low, middle) < 0 && (high is null || KeyText.Compare(middle, high) < 0));
            Assert.DoesNotContain('/', middle[prefix.Length..]);
        }
    }
}
