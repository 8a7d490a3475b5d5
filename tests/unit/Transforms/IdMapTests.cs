using Kaleidofs.Transforms;

namespace Kaleidofs.Tests.Unit.Transforms;

public sealed class IdMapTests
{
    [Fact]
    public void What_no_rule_names_stays_as_it_is()
    {
        IdMap map = IdMap.Parse([]);
        Assert.Equal(1000u, map.ToHost(1000));
        Assert.Equal(uint.MaxValue, map.ToGuest(uint.MaxValue));
    }

    [Theory]
    [InlineData("guest:0:100000:65536", 1000u, 101000u, 101000u, 101000u)]
    [InlineData("host:100000:0:65536", 1000u, 1000u, 101000u, 1000u)]
    [InlineData("map:0:100000:65536", 1000u, 101000u, 101000u, 1000u)]
    [InlineData("squash-guest:0:65534:4294967295", 1000u, 65534u, 101000u, 101000u)]
    [InlineData("squash-host:0:7:4294967295", 1000u, 1000u, 101000u, 7u)]
    public void Each_rule_works_in_its_direction_only(string rule, uint guest, uint guestOnHost, uint host, uint hostInGuest)
    {
        IdMap map = IdMap.Parse([rule]);
        Assert.Equal(guestOnHost, map.ToHost(guest));
        Assert.Equal(hostInGuest, map.ToGuest(host));
    }

    [Fact]
    public void A_forbidden_id_has_no_counterpart()
    {
        IdMap map = IdMap.Parse(["forbid-guest:0:1000", "map:1000:1000:1", "forbid-host:5:1"]);
        Assert.Null(map.ToHost(0));
        Assert.Null(map.ToHost(999));
        Assert.Equal(1000u, map.ToHost(1000));
        Assert.Equal(1001u, map.ToHost(1001));
        Assert.Null(map.ToGuest(5));
        Assert.Equal(4u, map.ToGuest(4));
    }

    [Theory]
    [InlineData("map:0:0")]
    [InlineData("map:0:0:0")]
    [InlineData("map:0:0:-1")]
    [InlineData("map:1:0:4294967295:1")]
    [InlineData("map:2:0:4294967295")]
    [InlineData("forbid-guest:0:1:2")]
    [InlineData("sqaush-guest:0:1:2")]
    [InlineData("")]
    [InlineData("map:4294967296:0:1")]
    public void A_malformed_rule_is_named(string rule)
        => Assert.Contains($"'{rule}'", Assert.Throws<FormatException>(() => IdMap.Parse([rule])).Message, StringComparison.Ordinal);

    [Fact]
    public void Overlapping_rules_are_refused_in_one_direction_and_allowed_across()
    {
        Assert.Throws<FormatException>(() => IdMap.Parse(["guest:0:5:10", "forbid-guest:9:1"]));
        Assert.Equal(5u, IdMap.Parse(["guest:0:5:10", "host:0:5:10"]).ToHost(0));
    }
}
