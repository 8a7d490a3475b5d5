using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>The header of an answer.</summary>
/// <param name="Command">What was asked.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Credits">How many more requests the server takes.</param>
/// <param name="Flags">Flags.</param>
/// <param name="NextCommand">Where the next answer of a compound is, from the beginning of this one; 0 for the last.</param>
/// <param name="MessageId">The request's number.</param>
/// <param name="AsyncId">A deferred answer's number, if <see cref="HeaderFlags.Async"/> is set.</param>
/// <param name="TreeId">The tree, if not.</param>
/// <param name="SessionId">The session.</param>
internal readonly record struct ResponseHeader(Command Command, NtStatus Status, int Credits, HeaderFlags Flags, int NextCommand, ulong MessageId, ulong AsyncId, uint TreeId, ulong SessionId)
{
    /// <summary>Whether this only says that the answer will take a while.</summary>
    public bool IsInterim => Status == NtStatus.Pending && (Flags & HeaderFlags.Async) != 0;

    /// <summary>False for what is no answer, or does not fit into what came.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out ResponseHeader header)
    {
        header = default;
        if (message.Length < Smb2Header.Size
            || BinaryPrimitives.ReadUInt32LittleEndian(message) != Smb2Header.Magic
            || BinaryPrimitives.ReadUInt16LittleEndian(message[4..]) != Smb2Header.Size)
        {
            return false;
        }
        uint next = BinaryPrimitives.ReadUInt32LittleEndian(message[20..]);
        if (next != 0 && (next < Smb2Header.Size || next % 8 != 0 || next > message.Length - Smb2Header.Size))
        {
            return false;
        }
        ulong identifiers = BinaryPrimitives.ReadUInt64LittleEndian(message[32..]);
        header = new ResponseHeader(
            Smb2Header.GetCommand(message),
            (NtStatus)BinaryPrimitives.ReadUInt32LittleEndian(message[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(message[14..]),
            Smb2Header.GetFlags(message),
            (int)next,
            Smb2Header.GetMessageId(message),
            identifiers,
            (uint)(identifiers >> 32),
            BinaryPrimitives.ReadUInt64LittleEndian(message[40..]));
        return (header.Flags & HeaderFlags.Response) != 0;
    }
}
