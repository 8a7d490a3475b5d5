namespace Kaleidofs.Tests.Vm.Guests;

/// <summary>Tests that run in the one guest.</summary>
[CollectionDefinition(SharedGuest.Collection)]
public sealed class SharedGuestCollection : ICollectionFixture<SharedGuest>;
