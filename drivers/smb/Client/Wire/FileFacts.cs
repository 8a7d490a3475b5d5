using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What a server tells of a file. Times count 100 ns since 1601; 0 is none.</summary>
internal readonly record struct FileFacts
{
    public ulong CreationTime { get; init; }

    public ulong LastAccessTime { get; init; }

    public ulong LastWriteTime { get; init; }

    public ulong ChangeTime { get; init; }

    public ulong AllocationSize { get; init; }

    public ulong Size { get; init; }

    public SmbFileAttributes Attributes { get; init; }

    /// <summary>What kind of link it is, if it is one (MS-FSCC 2.1.2.1); 0 where that is not told.</summary>
    public uint ReparseTag { get; init; }

    /// <summary>The volume's number of the file; 0 where that is not told.</summary>
    public ulong FileNumber { get; init; }

    public bool IsDirectory => (Attributes & SmbFileAttributes.Directory) != 0;

    /// <summary>Four times, two sizes and the attributes, as several messages have them.</summary>
    public static FileFacts Read(ReadOnlySpan<byte> source, bool isSizeFirst) => new()
    {
        CreationTime = BinaryPrimitives.ReadUInt64LittleEndian(source),
        LastAccessTime = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
        LastWriteTime = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
        ChangeTime = BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
        AllocationSize = BinaryPrimitives.ReadUInt64LittleEndian(source[(isSizeFirst ? 40 : 32)..]),
        Size = BinaryPrimitives.ReadUInt64LittleEndian(source[(isSizeFirst ? 32 : 40)..]),
        Attributes = (SmbFileAttributes)BinaryPrimitives.ReadUInt32LittleEndian(source[48..]),
    };
}
