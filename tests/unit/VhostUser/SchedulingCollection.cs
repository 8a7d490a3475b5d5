namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>Tests that keep every CPU busy, and that others would disturb: they run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SchedulingCollection
{
    public const string Name = "scheduling";
}
