namespace Kaleidofs.Tests.Posix;

/// <summary>A promise that was not kept.</summary>
public sealed class CheckFailedException(string message) : Exception(message);
