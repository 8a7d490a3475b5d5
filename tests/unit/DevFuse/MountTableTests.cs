using Kaleidofs.Host.DevFuse;

namespace Kaleidofs.Tests.Unit.DevFuse;

public sealed class MountTableTests
{
    [Theory]
    [InlineData("36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw,errors=continue", "98:0", "/mnt", "ext3", "/dev/root")]
    [InlineData("36 35 0:44 / /mnt ro - fuse.kaleidofs null: ro,user_id=0", "0:44", "/mnt", "fuse.kaleidofs", "null:")]
    [InlineData(@"36 35 0:44 / /a\040b\134c\011d ro shared:2 master:1 - fuse.x a\040b rw", "0:44", "/a b\\c\td", "fuse.x", "a b")]
    [InlineData("36 35 0:44 / /a-b ro - - - rw", "0:44", "/a-b", "-", "-")]
    public void A_line_is_read_as_proc_writes_it(string line, string device, string mountpoint, string type, string source)
        => Assert.Equal(new MountTableEntry(device, mountpoint, type, source), MountTable.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("36 35 98:0 /")]
    [InlineData("36 35 98:0 / /mnt rw")]
    [InlineData("36 35 98:0 / /mnt rw - ext3")]
    public void A_line_that_is_none_is_passed_over(string line) => Assert.Null(MountTable.Parse(line));

    [Fact]
    public void The_machine_s_own_table_has_a_root() => Assert.NotNull(MountTable.Find("/proc"));
}
