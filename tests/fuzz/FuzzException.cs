namespace Kaleidofs.Tests.Fuzz;

/// <summary>What was fuzzed broke a promise.</summary>
internal sealed class FuzzException(string message, Exception? inner = null) : Exception(message, inner);
