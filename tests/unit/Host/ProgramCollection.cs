namespace Kaleidofs.Tests.Unit.Host;

/// <summary>Tests that run the program, one after the other: they mount, and signal processes.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProgramCollection : ICollectionFixture<BuiltProgram>
{
    public const string Name = "program";
}
