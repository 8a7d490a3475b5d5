namespace Kaleidofs.Drivers.S3.Client;

/// <summary>A page of a listing, in the order of keys.</summary>
/// <param name="Objects">The objects.</param>
/// <param name="Prefixes">What other keys begin with, up to the delimiter.</param>
/// <param name="Continuation">Asks for the next page; null if this is the last.</param>
internal sealed record ListedPage(IReadOnlyList<ListedObject> Objects, IReadOnlyList<string> Prefixes, string? Continuation);
