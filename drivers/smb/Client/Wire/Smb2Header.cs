using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>The header of every message (MS-SMB2 2.2.1).</summary>
internal static class Smb2Header
{
    public const int Size = 64;
    public const uint Magic = 0x424D53FE;

    /// <summary>The number of a message that answers no request.</summary>
    public const ulong NotificationId = ulong.MaxValue;

    public static void Write(Span<byte> message, Command command, HeaderFlags flags, uint treeId, int creditCharge)
    {
        message[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(message, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(message[4..], Size);
        BinaryPrimitives.WriteUInt16LittleEndian(message[6..], (ushort)creditCharge);
        BinaryPrimitives.WriteUInt16LittleEndian(message[12..], (ushort)command);
        BinaryPrimitives.WriteUInt32LittleEndian(message[16..], (uint)flags);
        BinaryPrimitives.WriteUInt32LittleEndian(message[36..], treeId);
    }

    public static void SetNextCommand(Span<byte> message, int offset) => BinaryPrimitives.WriteInt32LittleEndian(message[20..], offset);

    public static void SetCreditRequest(Span<byte> message, int credits) => BinaryPrimitives.WriteUInt16LittleEndian(message[14..], (ushort)credits);

    public static void SetMessageId(Span<byte> message, ulong messageId) => BinaryPrimitives.WriteUInt64LittleEndian(message[24..], messageId);

    public static void SetSessionId(Span<byte> message, ulong sessionId) => BinaryPrimitives.WriteUInt64LittleEndian(message[40..], sessionId);

    /// <summary>Makes it one that goes by the number of a deferred answer rather than by a tree.</summary>
    public static void SetAsyncId(Span<byte> message, ulong asyncId)
    {
        AddFlags(message, HeaderFlags.Async);
        BinaryPrimitives.WriteUInt64LittleEndian(message[32..], asyncId);
    }

    public static void AddFlags(Span<byte> message, HeaderFlags flags) => BinaryPrimitives.WriteUInt32LittleEndian(message[16..], (uint)(GetFlags(message) | flags));

    public static HeaderFlags GetFlags(ReadOnlySpan<byte> message) => (HeaderFlags)BinaryPrimitives.ReadUInt32LittleEndian(message[16..]);

    public static Command GetCommand(ReadOnlySpan<byte> message) => (Command)BinaryPrimitives.ReadUInt16LittleEndian(message[12..]);

    public static ulong GetMessageId(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt64LittleEndian(message[24..]);

    public static Span<byte> GetSignature(Span<byte> message) => message.Slice(48, 16);
}
