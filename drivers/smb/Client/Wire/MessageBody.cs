using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What every answer's body has in common.</summary>
internal static class MessageBody
{
    /// <summary>Whether a message has a fixed part of that size, which says so of itself. The size counts one byte for a variable part, where there is one.</summary>
    public static bool HasStructure(ReadOnlySpan<byte> message, int structureSize)
        => message.Length >= Smb2Header.Size + (structureSize & ~1) && BinaryPrimitives.ReadUInt16LittleEndian(message[Smb2Header.Size..]) == structureSize;

    /// <summary>A part of a message that its body names; false if that is not in it, or in the fixed part.</summary>
    /// <param name="message">The whole message, header first.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="structureSize">The fixed part's size.</param>
    /// <param name="part">The part.</param>
    public static bool TrySlice(ReadOnlySpan<byte> message, long offset, long length, int structureSize, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (length == 0)
        {
            return true;
        }
        if (offset < Smb2Header.Size + (structureSize & ~1) || length < 0 || offset > message.Length || length > message.Length - offset)
        {
            return false;
        }
        part = message.Slice((int)offset, (int)length);
        return true;
    }
}
