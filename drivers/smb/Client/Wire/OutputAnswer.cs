using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>The answers that are a buffer: of queries (MS-SMB2 2.2.34, 2.2.38) and of controls (2.2.32).</summary>
internal static class OutputAnswer
{
    private const int QuerySize = 9;
    private const int ControlSize = 49;

    public static bool TryParseQuery(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> output)
    {
        output = default;
        return MessageBody.HasStructure(message, QuerySize)
            && MessageBody.TrySlice(message, BinaryPrimitives.ReadUInt16LittleEndian(message[66..]), BinaryPrimitives.ReadUInt32LittleEndian(message[68..]), QuerySize, out output);
    }

    public static bool TryParseControl(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> output)
    {
        output = default;
        return MessageBody.HasStructure(message, ControlSize)
            && MessageBody.TrySlice(message, BinaryPrimitives.ReadUInt32LittleEndian(message[96..]), BinaryPrimitives.ReadUInt32LittleEndian(message[100..]), ControlSize, out output);
    }
}
