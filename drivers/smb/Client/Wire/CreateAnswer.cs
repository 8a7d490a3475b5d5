using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>The answer to a create (MS-SMB2 2.2.14).</summary>
/// <param name="Id">The open file.</param>
/// <param name="Facts">What it is like.</param>
/// <param name="IsNew">Whether it was not there before.</param>
internal readonly record struct CreateAnswer(FileId Id, FileFacts Facts, bool IsNew)
{
    private const int StructureSize = 89;
    private const uint Created = 2;

    public static bool TryParse(ReadOnlySpan<byte> message, out CreateAnswer answer)
    {
        answer = default;
        if (!MessageBody.HasStructure(message, StructureSize))
        {
            return false;
        }
        ReadOnlySpan<byte> body = message[Smb2Header.Size..];
        answer = new CreateAnswer(
            new FileId(BinaryPrimitives.ReadUInt64LittleEndian(body[64..]), BinaryPrimitives.ReadUInt64LittleEndian(body[72..])),
            FileFacts.Read(body[8..], isSizeFirst: false),
            BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) == Created);
        return answer.Facts.Size <= long.MaxValue;
    }
}
