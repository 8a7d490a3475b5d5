namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Bytes that are missing from what comes out of a stream.</summary>
/// <param name="Position">Where they would begin; behind them the output goes on at its place.</param>
/// <param name="Reason">Why they are missing: half a sentence.</param>
internal readonly record struct OutputGap(long Position, string Reason);
