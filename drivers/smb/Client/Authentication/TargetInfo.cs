using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Authentication;

/// <summary>What a server tells of itself in NTLM, a list of pairs (MS-NLMP 2.2.2.1).</summary>
internal static class TargetInfo
{
    public const ushort Flags = 6;
    public const ushort Timestamp = 7;
    public const ushort TargetName = 9;
    public const ushort ChannelBindings = 10;

    private const int PairHeader = 4;

    /// <summary>The pairs, without the end; null if the list is damaged.</summary>
    public static List<(ushort Id, byte[] Value)>? TryParse(ReadOnlySpan<byte> info)
    {
        List<(ushort Id, byte[] Value)> pairs = [];
        while (info.Length >= PairHeader)
        {
            ushort id = BinaryPrimitives.ReadUInt16LittleEndian(info);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(info[2..]);
            if (id == 0)
            {
                return pairs;
            }
            if (length > info.Length - PairHeader)
            {
                return null;
            }
            pairs.Add((id, info.Slice(PairHeader, length).ToArray()));
            info = info[(PairHeader + length)..];
        }
        return null;
    }

    public static byte[] Write(IReadOnlyList<(ushort Id, byte[] Value)> pairs)
    {
        byte[] info = new byte[pairs.Sum(pair => PairHeader + pair.Value.Length) + PairHeader];
        int at = 0;
        foreach ((ushort id, byte[] value) in pairs)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(info.AsSpan(at), id);
            BinaryPrimitives.WriteUInt16LittleEndian(info.AsSpan(at + 2), (ushort)value.Length);
            value.CopyTo(info.AsSpan(at + PairHeader));
            at += PairHeader + value.Length;
        }
        return info;
    }
}
