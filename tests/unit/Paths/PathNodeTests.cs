using Kaleidofs.Paths;

namespace Kaleidofs.Tests.Unit.Paths;

public sealed class PathNodeTests
{
    [Fact]
    public void Attributes_are_what_was_told_last_whichever_follow_from_others()
    {
        Timestamp time = new(1_700_000_000, 999_999_999);
        Attributes plain = new()
        {
            Mode = FileType.Regular | 0x1A4,
            Size = ulong.MaxValue,
            Blocks = (ulong.MaxValue / 512) + 1,
            AccessTime = time,
            ModificationTime = time,
            ChangeTime = time,
            LinkCount = 1,
            UserId = uint.MaxValue,
            GroupId = 7,
            BlockSize = 1u << 31,
        };
        Attributes[] all =
        [
            plain,
            plain with { Blocks = 0 },
            plain with { Size = 0, Blocks = 0 },
            plain with { AccessTime = new Timestamp(-5) },
            plain with { ChangeTime = default },
            plain with { BirthTime = new Timestamp(0, 1) },
            plain with { LinkCount = 0 },
            plain with { DeviceId = 0x103 },
            plain with { BlockSize = 0 },
            plain with { BlockSize = 1 },
            plain with { BlockSize = 1000 },
            default,
        ];
        PathNode node = new(5, null, []);
        foreach (Attributes told in all.SelectMany(one => new[] { one, plain, one }))
        {
            node.Tell(new PathFacts(told));
            Assert.Equal(told with { Inode = 5 }, node.Attributes);
        }
    }
}
