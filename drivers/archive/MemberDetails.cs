using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive;

/// <summary>What a member that is read as an archive does not know itself.</summary>
/// <param name="Path">What messages call it.</param>
/// <param name="ModificationTime">Its time.</param>
/// <param name="Cursors">Where its decoders wait for their next use.</param>
/// <param name="SeekPointBudget">Memory for its seek points, if it is compressed.</param>
internal readonly record struct MemberDetails(string Path, Timestamp ModificationTime, CursorPool Cursors, long SeekPointBudget);
