namespace Kaleidofs.Tests.Servers.S3;

/// <summary>The tests that share one server.</summary>
[CollectionDefinition(Name)]
public sealed class S3Collection : ICollectionFixture<RadosGateway>
{
    public const string Name = "S3";
}
