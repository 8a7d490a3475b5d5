namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>Why an entry cannot be read. One object for all entries with the same reason.</summary>
/// <param name="Errno">What who opens it is told.</param>
/// <param name="Reason">What the log is told.</param>
internal sealed record RangeRefusal(Errno Errno, string Reason);
