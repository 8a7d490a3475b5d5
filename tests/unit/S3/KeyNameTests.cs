using System.Text;
using Kaleidofs.Drivers.S3.Keys;

namespace Kaleidofs.Tests.Unit.S3;

/// <summary>Components of keys are shown as names, and found by them.</summary>
public sealed class KeyNameTests
{
    [Theory]
    [InlineData("plain.txt", "plain.txt")]
    [InlineData("sp ace+%20é\u0001", "sp ace+%20é\u0001")]
    [InlineData("", "=s3:empty=")]
    [InlineData(".", "=s3:dot=")]
    [InlineData("..", "=s3:dotdot=")]
    [InlineData("...", "...")]
    [InlineData("a\0b", "a=s3:nul=b")]
    [InlineData("=s3:", "=s3:self=")]
    [InlineData("=s3:self=", "=s3:self=self=")]
    [InlineData("=s3:empty=", "=s3:self=empty=")]
    [InlineData("a=s3:file=", "a=s3:self=file=")]
    [InlineData("a=s3:nul=b\0", "a=s3:self=nul=b=s3:nul=")]
    public void A_component_has_a_name_that_leads_back(string component, string name)
    {
        Assert.Equal(name, Encoding.UTF8.GetString(KeyName.Encode(component)));
        Assert.True(KeyName.TryDecode(Encoding.UTF8.GetBytes(name), out DecodedName decoded));
        Assert.Equal(new DecodedName(component, false, null), decoded);
        byte[] marked = KeyName.Encode(component, isMarked: true);
        Assert.Equal(name + "=s3:file=", Encoding.UTF8.GetString(marked));
        Assert.True(KeyName.TryDecode(marked, out decoded));
        Assert.Equal(new DecodedName(component, true, null), decoded);
    }

    [Theory]
    [InlineData("=s3:")]
    [InlineData("=s3:other=")]
    [InlineData("x=s3:empty=")]
    [InlineData("=s3:dot=x")]
    [InlineData("=s3:file==s3:file=x")]
    public void A_name_that_no_component_has_leads_nowhere(string name) => Assert.False(KeyName.TryDecode(Encoding.UTF8.GetBytes(name), out _));

    [Fact]
    public void Bytes_that_are_no_text_lead_nowhere() => Assert.False(KeyName.TryDecode([0x61, 0xFF], out _));

    [Fact]
    public void Any_two_components_have_two_names_of_at_most_255_bytes()
    {
        Random random = new(1);
        string[] pieces = ["a", "=s3:", "\0", "self=", "nul=", "file=", "long-", "é", "\U0001F600", "=", new string('x', 120)];
        Dictionary<string, string> names = [];
        for (int round = 0; round < 20_000; round++)
        {
            string component = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => pieces[random.Next(pieces.Length)]));
            bool isMarked = random.Next(2) == 0;
            byte[] name = KeyName.Encode(component, isMarked);
            Assert.InRange(name.Length, 1, 255);
            string text = Encoding.UTF8.GetString(name);
            Assert.DoesNotContain('\0', text);
            Assert.Equal(component + isMarked, names.GetValueOrDefault(text, component + isMarked));
            names[text] = component + isMarked;
            Assert.True(KeyName.TryDecode(name, out DecodedName decoded), text);
            Assert.Equal(isMarked, decoded.IsMarked);
            Assert.StartsWith(decoded.Component, component, StringComparison.Ordinal);
            if (decoded.Digest is null)
            {
                Assert.Equal(component, decoded.Component);
            }
        }
    }

    [Fact]
    public void Keys_are_ordered_as_their_UTF8_is()
    {
        string[] texts = ["", "a", "a/", "a-", "é", "\uD7FF", "\uE000", "\uFFFD", "\U00010000", "\U0001F600", "b\U0001F600", "b\uFFFD"];
        foreach (string left in texts)
        {
            foreach (string right in texts)
            {
                Assert.Equal(
                    Math.Sign(Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right))),
                    Math.Sign(KeyText.Compare(left, right)));
            }
        }
    }
}
