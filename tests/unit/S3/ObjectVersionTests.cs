using Kaleidofs.Drivers.S3.Client;

namespace Kaleidofs.Tests.Unit.S3;

public sealed class ObjectVersionTests
{
    private static readonly string[] Tags =
    [
        "", "d41d8cd98f00b204e9800998ecf8427e", "D41D8CD98F00B204E9800998ECF8427E", "0000000000000000ffffffffffffffff", "ffffffffffffffff0000000000000000",
        "00000000000000000000000000000000", "d41d8cd98f00b204e9800998ecf8427e-2", "d41d8cd98f00b204e9800998ecf8427", "x41d8cd98f00b204e9800998ecf8427e",
    ];

    [Fact]
    public void Every_tag_is_what_it_was_and_no_other()
    {
        foreach (string tag in Tags)
        {
            ObjectVersion version = new(tag, 5);
            Assert.Equal(tag, version.ETag);
            Assert.NotEqual(default, version);
            Assert.Equal([tag], Tags.Where(other => version.IsSame(new ObjectVersion(other, ObjectVersion.NotTold))));
            Assert.False(version.IsSame(new ObjectVersion(tag, 6)));
            Assert.False(version.IsSame(default));
        }
        Assert.Null(default(ObjectVersion).ETag);
    }
}
