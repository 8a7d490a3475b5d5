using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Drivers.Smb;

/// <summary>Links as servers have them (MS-FSCC 2.1.2): Windows' own, and those that NFS servers and the Linux subsystem leave.</summary>
internal static class ReparsePoint
{
    public const uint SymbolicLink = 0xA000000C;
    public const uint Nfs = 0x80000014;
    public const uint LinuxLink = 0xA000001D;

    private const int Header = 8;
    private const ulong NfsLink = 0x14B4E4C;
    private const int MaxTarget = 4095;

    public static bool IsLink(uint tag) => tag is SymbolicLink or Nfs or LinuxLink;

    /// <summary>Where a link leads; null for what is none, or damaged.</summary>
    public static byte[]? TryGetTarget(ReadOnlySpan<byte> data)
    {
        if (data.Length < Header)
        {
            return null;
        }
        int length = BinaryPrimitives.ReadUInt16LittleEndian(data[4..]);
        ReadOnlySpan<byte> content = data[Header..];
        if (length > content.Length)
        {
            return null;
        }
        content = content[..length];
        byte[]? target = BinaryPrimitives.ReadUInt32LittleEndian(data) switch
        {
            SymbolicLink => GetNative(content),
            Nfs when content.Length >= 8 && BinaryPrimitives.ReadUInt64LittleEndian(content) == NfsLink => Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(content[8..])),
            LinuxLink when content.Length >= 4 => content[4..].ToArray(),
            _ => null,
        };
        return target is { Length: > 0 and <= MaxTarget } && !target.AsSpan().Contains((byte)0) ? target : null;
    }

    private static byte[]? GetNative(ReadOnlySpan<byte> content)
    {
        const int FixedSize = 12;
        if (content.Length < FixedSize)
        {
            return null;
        }
        bool isRelative = (BinaryPrimitives.ReadUInt32LittleEndian(content[8..]) & 1) != 0;
        // Relative links are what they are; of the others there is a form for people.
        ReadOnlySpan<byte> field = isRelative ? content : content[4..];
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(field);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(field[2..]);
        ReadOnlySpan<byte> paths = content[FixedSize..];
        if (offset > paths.Length || length > paths.Length - offset)
        {
            return null;
        }
        return Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(paths.Slice(offset, length)).Replace('\\', '/'));
    }
}
