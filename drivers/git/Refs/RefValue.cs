using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Refs;

/// <summary>What a ref says by itself.</summary>
/// <param name="Id">The object that it names; none if it is symbolic, or broken.</param>
/// <param name="Peeled">What an annotated tag there is of, where that is noted.</param>
/// <param name="Target">The ref that a symbolic one leads to.</param>
internal readonly record struct RefValue(ObjectId Id, ObjectId Peeled = default, string? Target = null);
