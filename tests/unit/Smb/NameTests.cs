using System.Runtime.InteropServices;
using System.Text;
using Kaleidofs.Drivers.Smb;

namespace Kaleidofs.Tests.Unit.Smb;

public sealed class NameTests
{
    [Theory]
    [InlineData("plain.txt", "plain.txt")]
    [InlineData("a:b*c?d", "a\uF022b\uF021c\uF025d")]
    [InlineData("\"<>|\\", "\uF020\uF023\uF024\uF027\uF026")]
    [InlineData("dot.", "dot\uF029")]
    [InlineData("space ", "space\uF028")]
    [InlineData(". .", ". \uF029")]
    [InlineData("tab\t", "tab\uF009")]
    [InlineData("größer-日本", "größer-日本")]
    public void Forbidden_characters_are_mapped_both_ways(string name, string wire)
    {
        Assert.Equal(wire, SmbName.TryEncode(Encoding.UTF8.GetBytes(name)));
        Assert.Equal(name, Encoding.UTF8.GetString(SmbName.TryDecode(Encoding.Unicode.GetBytes(wire))!));
    }

    [Fact]
    public void What_is_no_name_is_none()
    {
        Assert.Null(SmbName.TryEncode([0x61, 0xFF]));
        Assert.Null(SmbName.TryEncode(Encoding.UTF8.GetBytes("a\uF022b")));
        foreach (string wire in new[] { "", ".", "..", "a/b", "a\0b", "half\uD800", "a:b", "trailing.", "a\uF028b", new string('x', 256) })
        {
            // Each would be shown under a name that leads elsewhere, or nowhere.
            Assert.Null(SmbName.TryDecode(MemoryMarshal.AsBytes(wire.AsSpan())));
        }
        Assert.Null(SmbName.TryDecode([0x61]));
    }

    [Theory]
    [InlineData("//server/share", "server", null, null, "share", "")]
    [InlineData("//server:4450/share/a/b/", "server", 4450, null, "share", "a\\b")]
    [InlineData("//me@[::1]:445/share", "::1", 445, "me", "share", "")]
    public void An_address_says_what_and_where(string source, string server, int? port, string? user, string share, string directory)
        => Assert.Equal(new SmbAddress(server, port, user, share, directory), SmbAddress.Parse(source));

    [Theory]
    [InlineData("server/share", "no server")]
    [InlineData("//server", "no share")]
    [InlineData("//server:x/share", "port")]
    [InlineData("//me:secret@server/share", "password in the address")]
    public void A_wrong_address_is_refused_in_one_line_without_its_secret(string source, string reason)
    {
        SourceException exception = Assert.Throws<SourceException>(() => SmbAddress.Parse(source));
        Assert.True(exception.IsUsageError);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Links_of_all_kinds_lead_where_they_say()
    {
        byte[] Native(string print, bool isRelative)
        {
            byte[] path = Encoding.Unicode.GetBytes(print);
            byte[] data = [0x0C, 0, 0, 0xA0, 0, 0, 0, 0, 0, 0, (byte)path.Length, 0, 0, 0, (byte)path.Length, 0, (byte)(isRelative ? 1 : 0), 0, 0, 0, .. path];
            data[4] = (byte)(data.Length - 8);
            return data;
        }
        Assert.Equal("../a/b", Encoding.UTF8.GetString(ReparsePoint.TryGetTarget(Native("..\\a\\b", true))!));
        Assert.Equal("C:/x", Encoding.UTF8.GetString(ReparsePoint.TryGetTarget(Native("C:\\x", false))!));
        Assert.Equal("to", Encoding.UTF8.GetString(ReparsePoint.TryGetTarget([0x14, 0, 0, 0x80, 12, 0, 0, 0, 0x4C, 0x4E, 0x4B, 1, 0, 0, 0, 0, (byte)'t', 0, (byte)'o', 0])!));
        Assert.Equal("to", Encoding.UTF8.GetString(ReparsePoint.TryGetTarget([0x1D, 0, 0, 0xA0, 6, 0, 0, 0, 2, 0, 0, 0, (byte)'t', (byte)'o'])!));
        byte[] whole = Native("..\\a\\b", true);
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Null(ReparsePoint.TryGetTarget(whole.AsSpan(0, length)));
        }
    }
}
