using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What changed in a directory, as a notification tells it (MS-FSCC 2.7.1).</summary>
internal static class ChangeEntries
{
    private const int FixedSize = 12;

    /// <summary>The entry at a position; false at the end, and where the list is damaged.</summary>
    /// <param name="list">The list.</param>
    /// <param name="at">The position; moved to the next entry, or behind the end after the last.</param>
    /// <param name="action">What happened.</param>
    /// <param name="path">The path below the directory, in UTF-16.</param>
    /// <param name="isDamaged">Whether the list is.</param>
    public static bool TryRead(ReadOnlySpan<byte> list, ref int at, out ChangeAction action, out ReadOnlySpan<byte> path, out bool isDamaged)
    {
        action = default;
        path = default;
        isDamaged = false;
        if (at >= list.Length)
        {
            return false;
        }
        isDamaged = true;
        ReadOnlySpan<byte> entry = list[at..];
        if (entry.Length < FixedSize)
        {
            return false;
        }
        uint next = BinaryPrimitives.ReadUInt32LittleEndian(entry);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
        if (length > entry.Length - FixedSize || length % 2 != 0 || (next != 0 && (next < FixedSize || next > entry.Length)))
        {
            return false;
        }
        action = (ChangeAction)BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
        path = entry.Slice(FixedSize, (int)length);
        isDamaged = false;
        at = next == 0 ? list.Length : at + (int)next;
        return true;
    }
}
