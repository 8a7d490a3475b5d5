namespace Kaleidofs.Drivers.S3;

/// <summary>What a path below <c>.versions</c> stands for.</summary>
/// <param name="Key">A directory shows this key's earlier versions by their numbers; a file is one of them. Empty for <c>.versions</c> itself.</param>
/// <param name="Prefix">What the keys begin with that a directory has directories for.</param>
internal sealed record EarlierPlace(string Key, string Prefix);
