using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>An ISO 9660 image that a tool made, to be changed where no tool would: its directory records and Rock Ridge fields are found by what they say.</summary>
/// <param name="bytes">The image; changed in place.</param>
internal sealed class IsoImage(byte[] bytes)
{
    private const int SectorLength = 2048;
    private const int NameOffset = 33;
    private const int RootOffset = (16 * SectorLength) + 156;

    public byte[] Bytes => bytes;

    /// <summary>The root directory's block.</summary>
    public uint RootBlock => GetBlock(RootOffset);

    /// <summary>Where the record of an identifier begins.</summary>
    public int FindRecord(string identifier)
    {
        byte[] name = Encoding.Latin1.GetBytes(identifier);
        for (int at = 17 * SectorLength; at < bytes.Length; at++)
        {
            int found = bytes.AsSpan(at).IndexOf(name);
            if (found < 0)
            {
                break;
            }
            at += found;
            // Path tables have the names, too.
            if (bytes[at - 1] == name.Length && bytes[at - NameOffset] > NameOffset && bytes[at - 5] == 1 && bytes[at - 2] == 1)
            {
                return at - NameOffset;
            }
        }
        throw new InvalidOperationException($"no record '{identifier}'");
    }

    /// <summary>Where, at a position or behind it, a field of Rock Ridge begins.</summary>
    public int FindField(string signature, int length, int from = 0)
    {
        byte[] header = [(byte)signature[0], (byte)signature[1], (byte)length, 1];
        int found = bytes.AsSpan(from).IndexOf(header);
        return found >= 0 ? from + found : throw new InvalidOperationException($"no field {signature}");
    }

    public uint GetBlock(int record) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(record + 2));

    public void SetBlock(int record, uint block) => SetBoth(record + 2, block);

    public void SetSize(int record, uint size) => SetBoth(record + 10, size);

    /// <summary>Sets a number in both byte orders.</summary>
    public void SetBoth(int position, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(position), value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(position + sizeof(uint)), value);
    }
}
