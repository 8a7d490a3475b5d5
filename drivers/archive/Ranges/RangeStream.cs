using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>What decoding a compressed archive once told.</summary>
/// <param name="Length">How many bytes come out of it that are right.</param>
/// <param name="Points">Where decoding can begin.</param>
/// <param name="MayPass">Whether it ended early for a reason that may be gone the next time.</param>
internal sealed record RangeStream(long Length, SeekPoints Points, bool MayPass = false);
