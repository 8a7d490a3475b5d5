using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>The answer to a read (MS-SMB2 2.2.20).</summary>
internal static class ReadAnswer
{
    private const int StructureSize = 17;

    public static bool TryParse(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!MessageBody.HasStructure(message, StructureSize))
        {
            return false;
        }
        ReadOnlySpan<byte> body = message[Smb2Header.Size..];
        // An answer without content would be the end of the file, which has a status of its own.
        return BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) is > 0 and var length && MessageBody.TrySlice(message, body[2], length, StructureSize, out content);
    }
}
