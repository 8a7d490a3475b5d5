using System.Text;
using System.Text.Unicode;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>What a central directory record says of a file: its path as bytes, and its attributes.</summary>
internal sealed class ZipEntryReader
{
    private const uint PermissionMask = 0xFFF;
    private const uint DefaultFileMode = 0x1A4;
    private const uint DefaultDirectoryMode = 0x1ED;
    private const uint WriteBits = 0x92;

    private readonly byte[] _name = new byte[ushort.MaxValue * CodePage437.MaxExpansion];

    /// <summary>
    /// The path. UTF-8 if the record says so, and if the bytes are UTF-8 and not only ASCII though it does not: Unix
    /// tools write what they find; names in the IBM PC's set that are UTF-8 by chance are rare. Valid until the next call.
    /// </summary>
    public ReadOnlySpan<byte> GetPath(in CentralDirectoryRecord record)
    {
        ReadOnlySpan<byte> name = record.Name;
        if (record.Host == ZipFormat.HostFat && name.Contains((byte)'\\') && !name.Contains((byte)'/'))
        {
            name.Replace(_name, (byte)'\\', (byte)'/');
            name = _name.AsSpan(0, name.Length);
        }
        if (Ascii.IsValid(name) || (record.Flags & ZipFormat.NameIsUtf8) != 0)
        {
            return name;
        }
        if (ZipExtraFields.TryGetUnicodePath(record.Extra, record.Name, out ReadOnlySpan<byte> unicode))
        {
            return unicode;
        }
        if (Utf8.IsValid(name))
        {
            return name;
        }
        return _name.AsSpan(0, CodePage437.ToUtf8(name.ToArray(), _name));
    }

    /// <summary>The attributes.</summary>
    /// <param name="record">The record.</param>
    /// <param name="path">Its path: one that ends with a slash is a directory's.</param>
    /// <param name="size">Its uncompressed size.</param>
    public static TreeNode GetNode(in CentralDirectoryRecord record, ReadOnlySpan<byte> path, long size)
    {
        TreeNode node = new() { Mode = GetMode(record, path), Size = size };
        if (!ZipExtraFields.TryGetModificationTime(record.Extra, out node.ModificationTime))
        {
            node.ModificationTime = DosTime.ToTimestamp(record.DosDate, record.DosTime);
        }
        _ = ZipExtraFields.TryGetOwner(record.Extra, out node.UserId, out node.GroupId);
        return node;
    }

    private static uint GetMode(in CentralDirectoryRecord record, ReadOnlySpan<byte> path)
    {
        bool isDirectory = path.EndsWith("/"u8);
        uint unix = record.Host is ZipFormat.HostUnix or ZipFormat.HostMacOS ? record.ExternalAttributes >> 16 : 0;
        if (unix == 0)
        {
            isDirectory |= (record.ExternalAttributes & ZipFormat.DosDirectory) != 0;
            uint mode = isDirectory ? FileType.Directory | DefaultDirectoryMode : FileType.Regular | DefaultFileMode;
            bool isReadOnly = !isDirectory && (record.ExternalAttributes & ZipFormat.DosReadOnly) != 0;
            return isReadOnly ? mode & ~WriteBits : mode;
        }
        uint type = isDirectory ? FileType.Directory : unix & FileType.Mask;
        // A device's number is not in the archive: it is served as the file of its content, and so is what has no type.
        bool isKnown = type is FileType.Directory or FileType.SymbolicLink or FileType.Fifo or FileType.Socket;
        return (isKnown ? type : FileType.Regular) | (unix & PermissionMask);
    }
}
