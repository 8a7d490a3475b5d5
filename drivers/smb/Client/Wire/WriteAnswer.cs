using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>The answer to a write (MS-SMB2 2.2.22).</summary>
internal static class WriteAnswer
{
    private const int StructureSize = 17;

    /// <summary>How many bytes were written: of those that were sent at least one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, int sent, out int written)
    {
        written = 0;
        if (!MessageBody.HasStructure(message, StructureSize))
        {
            return false;
        }
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(message[68..]);
        written = (int)Math.Min(count, int.MaxValue);
        return count > 0 && count <= sent;
    }
}
