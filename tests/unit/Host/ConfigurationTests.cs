using Kaleidofs.Host.Configuration;
using Kaleidofs.Host.Serving;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Host;

public sealed class ConfigurationTests
{
    [Fact]
    public void A_share_says_what_the_command_line_can_say()
    {
        ShareSettings share = Assert.Single(Read("""
            { "shares": [ {
                "source": "x.zip", "socket-path": "/s", "socket-group": "kvm", "tag": "t", "queues": 3, "readonly": true,
                "options": { "text": "a,b", "number": 7, "yes": true, "no": false },
                "translate-uid": ["map:0:1:1"], "translate-gid": ["map:2:3:1"], // trailing comma below
            } ] }
            """));
        Assert.Equal(("x.zip", "x.zip", "/s", "kvm", "t", 3, true),
            (share.Name, share.Source, share.SocketPath, share.SocketGroup, share.Tag, share.Queues, share.IsReadOnly));
        Assert.Equal(new Dictionary<string, string> { ["text"] = "a,b", ["number"] = "7", ["yes"] = "", ["no"] = "no" }, share.Options);
        Assert.Equal(["map:0:1:1"], share.TranslateUid);
        Assert.Equal(["map:2:3:1"], share.TranslateGid);
    }

    [Fact]
    public void The_readme_s_example_is_understood()
    {
        string readme = File.ReadAllText(Repository.At("README.md"));
        string example = readme.Split("```jsonc\n")[1].Split("```")[0];
        Assert.Equal(["backup", "photos", "docs"], Read(example).Select(share => share.Name));
    }

    [Theory]
    [InlineData("""{ "shres": [] }""", "unknown key 'shres'; known: shares")]
    [InlineData("""{ "shares": [] }""", "no shares")]
    [InlineData("""{ "shares": [{ "source": "x", "mount": "/a", "sokcet": 1 }] }""", "shares[0]: unknown key 'sokcet'")]
    [InlineData("""{ "shares": [{ "mount": "/a" }] }""", "shares[0]: 'source' is missing")]
    [InlineData("""{ "shares": [{ "source": "x" }] }""", "either 'socket-path'")]
    [InlineData("""{ "shares": [{ "source": "x", "mount": "/a", "socket-path": "/b" }] }""", "either 'socket-path'")]
    [InlineData("""{ "shares": [{ "source": "x", "mount": "/a", "tag": "t" }] }""", "belong to 'socket-path'")]
    [InlineData("""{ "shares": [{ "source": "x", "socket-path": "/a", "tag": "0123456789012345678901234567890123456" }] }""", "'tag' has 1 to 36 bytes")]
    [InlineData("""{ "shares": [{ "source": "x", "socket-path": "/a", "queues": 0 }] }""", "'queues' is a number from 1")]
    [InlineData("""{ "shares": [{ "source": "x", "mount": "/a" }, { "name": "y", "source": "x", "mount": "/a" }] }""", "two shares have the mount '/a'")]
    [InlineData("""{ "shares": [{ "source": "x", "mount": "/a" }, { "source": "x", "mount": "/b" }] }""", "two shares have the name 'x'")]
    [InlineData("""{ "shares": [{ "source": "x", "mount": "/a", "options": { "o": [] } }] }""", "option 'o'")]
    [InlineData("""{ "shares": [{ "source": "x", "source": "y", "mount": "/a" }] }""", "line 1: ")]
    [InlineData("{\n \"shares\": 3\n}", "line 2: $.shares: the value is of the wrong kind")]
    [InlineData("{\n \"shares\": [", "line 2: ")]
    [InlineData("null", "it is null")]
    public void What_means_nothing_is_refused_by_name(string text, string message)
    {
        SourceException exception = Assert.Throws<SourceException>(() => Read(text));
        Assert.True(exception.IsUsageError);
        Assert.Contains(message, exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("1K", 1024)]
    [InlineData("512M", 512 << 20)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("1T", 1L << 40)]
    public void Sizes_have_binary_units(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse("x", text));

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("9999999T")]
    public void What_is_no_size_is_refused(string text) => Assert.Throws<SourceException>(() => ByteSize.Parse("x", text));

    private static IReadOnlyList<ShareSettings> Read(string text)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("config.json", text);
        return ConfigurationReader.ReadShares(ConfigurationReader.Read(path), path);
    }
}
