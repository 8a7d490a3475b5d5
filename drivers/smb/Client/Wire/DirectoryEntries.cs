using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>A directory's entries as a query returns them (FileIdFullDirectoryInformation, MS-FSCC 2.4.18).</summary>
internal static class DirectoryEntries
{
    public const byte InformationClass = 38;

    private const int FixedSize = 80;

    /// <summary>The entry at a position; false at the end, and where the list is damaged.</summary>
    /// <param name="list">The list.</param>
    /// <param name="at">The position; moved to the next entry, or behind the end after the last.</param>
    /// <param name="facts">What is told of the file.</param>
    /// <param name="name">Its name in UTF-16.</param>
    /// <param name="isDamaged">Whether the list is.</param>
    public static bool TryRead(ReadOnlySpan<byte> list, ref int at, out FileFacts facts, out ReadOnlySpan<byte> name, out bool isDamaged)
    {
        facts = default;
        name = default;
        isDamaged = false;
        if (at >= list.Length)
        {
            return false;
        }
        ReadOnlySpan<byte> entry = list[at..];
        isDamaged = true;
        if (entry.Length < FixedSize)
        {
            return false;
        }
        uint next = BinaryPrimitives.ReadUInt32LittleEndian(entry);
        uint nameLength = BinaryPrimitives.ReadUInt32LittleEndian(entry[60..]);
        if (nameLength > entry.Length - FixedSize || nameLength % 2 != 0 || (next != 0 && (next < FixedSize || next > entry.Length)))
        {
            return false;
        }
        facts = FileFacts.Read(entry[8..], isSizeFirst: true) with { FileNumber = BinaryPrimitives.ReadUInt64LittleEndian(entry[72..]) };
        if (facts.Size > long.MaxValue)
        {
            return false;
        }
        if ((facts.Attributes & SmbFileAttributes.ReparsePoint) != 0)
        {
            // Links have no extended attributes: where their size would be, the kind of link is.
            facts = facts with { ReparseTag = BinaryPrimitives.ReadUInt32LittleEndian(entry[64..]) };
        }
        name = entry.Slice(FixedSize, (int)nameLength);
        isDamaged = false;
        at = next == 0 ? list.Length : at + (int)next;
        return true;
    }
}
