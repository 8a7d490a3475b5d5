using System.Buffers;
using System.Security.Cryptography;

namespace Kaleidofs.Drivers.Smb.Client.Security;

/// <summary>AES-CMAC (RFC 4493). Not for several threads at once.</summary>
internal sealed class AesCmac : IDisposable
{
    public const int TagSize = 16;

    private const int BlockSize = 16;
    private const int ChunkSize = 16 << 10;

    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _wholeKey = new byte[BlockSize];
    private readonly byte[] _paddedKey = new byte[BlockSize];

    public AesCmac(ReadOnlySpan<byte> key)
    {
        _aes.Key = key.ToArray();
        Span<byte> zero = stackalloc byte[BlockSize];
        zero.Clear();
        _aes.EncryptEcb(zero, _wholeKey, PaddingMode.None);
        Double(_wholeKey, _wholeKey);
        Double(_wholeKey, _paddedKey);
    }

    public void Compute(ReadOnlySpan<byte> message, Span<byte> tag)
    {
        Span<byte> state = stackalloc byte[BlockSize];
        state.Clear();
        int whole = message.Length == 0 ? 0 : (message.Length - 1) / BlockSize * BlockSize;
        byte[] scratch = ArrayPool<byte>.Shared.Rent(ChunkSize);
        for (int at = 0; at < whole;)
        {
            int count = Math.Min(ChunkSize, whole - at);
            _aes.EncryptCbc(message.Slice(at, count), state, scratch, PaddingMode.None);
            scratch.AsSpan(count - BlockSize, BlockSize).CopyTo(state);
            at += count;
        }
        ArrayPool<byte>.Shared.Return(scratch);
        ReadOnlySpan<byte> last = message[whole..];
        ReadOnlySpan<byte> key = last.Length == BlockSize ? _wholeKey : _paddedKey;
        for (int at = 0; at < BlockSize; at++)
        {
            byte value = at < last.Length ? last[at] : at == last.Length ? (byte)0x80 : (byte)0;
            state[at] ^= (byte)(value ^ key[at]);
        }
        _aes.EncryptEcb(state, tag[..TagSize], PaddingMode.None);
    }

    public void Dispose() => _aes.Dispose();

    /// <summary>Twice a number in GF(2^128).</summary>
    private static void Double(ReadOnlySpan<byte> value, Span<byte> twice)
    {
        int carry = value[0] >> 7;
        for (int at = 0; at < BlockSize; at++)
        {
            int next = at + 1 < BlockSize ? value[at + 1] >> 7 : 0;
            twice[at] = (byte)((value[at] << 1) | next);
        }
        twice[^1] ^= (byte)(carry * 0x87);
    }
}
