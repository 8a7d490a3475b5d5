using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What stands before an encrypted message (MS-SMB2 2.2.41).</summary>
internal static class TransformHeader
{
    public const int Size = 52;
    public const uint Magic = 0x424D53FD;

    private const ushort IsEncrypted = 1;

    public static void Write(Span<byte> frame, int messageSize, ulong sessionId)
    {
        frame[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(frame[36..], messageSize);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[42..], IsEncrypted);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[44..], sessionId);
    }

    /// <summary>Whether a frame is an encrypted message, of the length that it says.</summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out ulong sessionId)
    {
        sessionId = 0;
        if (frame.Length < Size + Smb2Header.Size
            || BinaryPrimitives.ReadUInt32LittleEndian(frame) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(frame[36..]) != frame.Length - Size
            || BinaryPrimitives.ReadUInt16LittleEndian(frame[42..]) != IsEncrypted)
        {
            return false;
        }
        sessionId = BinaryPrimitives.ReadUInt64LittleEndian(frame[44..]);
        return true;
    }

    public static Span<byte> GetSignature(Span<byte> frame) => frame.Slice(4, 16);

    public static Span<byte> GetNonce(Span<byte> frame) => frame.Slice(20, 16);

    /// <summary>What is not encrypted, but must not be changed either.</summary>
    public static ReadOnlySpan<byte> GetAssociatedData(ReadOnlySpan<byte> frame) => frame[20..Size];
}
