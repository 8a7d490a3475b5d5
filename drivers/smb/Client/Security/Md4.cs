using System.Buffers.Binary;
using System.Numerics;

namespace Kaleidofs.Drivers.Smb.Client.Security;

/// <summary>MD4 (RFC 1320), which NTLM makes its key of a password with, and .NET does not have.</summary>
internal static class Md4
{
    public const int HashSize = 16;

    private const int BlockSize = 64;

    public static byte[] HashData(ReadOnlySpan<byte> data)
    {
        Span<uint> state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
        ReadOnlySpan<byte> rest = data;
        for (; rest.Length >= BlockSize; rest = rest[BlockSize..])
        {
            Transform(state, rest);
        }
        Span<byte> end = stackalloc byte[2 * BlockSize];
        end.Clear();
        rest.CopyTo(end);
        end[rest.Length] = 0x80;
        int length = rest.Length < BlockSize - 8 ? BlockSize : 2 * BlockSize;
        BinaryPrimitives.WriteUInt64LittleEndian(end[(length - 8)..], (ulong)data.Length * 8);
        for (int at = 0; at < length; at += BlockSize)
        {
            Transform(state, end[at..]);
        }
        byte[] hash = new byte[HashSize];
        for (int word = 0; word < 4; word++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(word * 4), state[word]);
        }
        return hash;
    }

    private static void Transform(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> x = stackalloc uint[16];
        for (int word = 0; word < 16; word++)
        {
            x[word] = BinaryPrimitives.ReadUInt32LittleEndian(block[(word * 4)..]);
        }
        (uint a, uint b, uint c, uint d) = (state[0], state[1], state[2], state[3]);
        ReadOnlySpan<int> shifts = [3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15];
        ReadOnlySpan<int> third = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];
        for (int step = 0; step < 48; step++)
        {
            int round = step / 16;
            int place = step % 16;
            (uint mixed, int word) = round switch
            {
                0 => ((b & c) | (~b & d), place),
                1 => (((b & c) | (b & d) | (c & d)) + 0x5a827999, (place % 4 * 4) + (place / 4)),
                _ => ((b ^ c ^ d) + 0x6ed9eba1, third[place]),
            };
            uint next = BitOperations.RotateLeft(a + mixed + x[word], shifts[(round * 4) + (place % 4)]);
            (a, b, c, d) = (d, next, b, c);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
