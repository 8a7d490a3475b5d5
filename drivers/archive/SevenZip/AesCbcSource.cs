using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>AES-256 in cipher block chaining, as 7-Zip uses it: to decrypt a block takes the one before it, so every place can be decrypted by itself.</summary>
/// <param name="archive">The archive.</param>
/// <param name="start">Where the encrypted bytes begin; they are whole blocks.</param>
/// <param name="length">How many plain bytes there are.</param>
/// <param name="key">The key.</param>
/// <param name="vector">What stands for the block before the first.</param>
internal sealed class AesCbcSource(ByteSource archive, long start, long length, byte[] key, byte[] vector) : DecryptingSource(archive, start, length)
{
    public const int BlockLength = 16;

    private const int ChunkLength = 64 << 10;

    /// <inheritdoc/>
    public override bool MayHaveWrongPassword => true;

    /// <inheritdoc/>
    [SuppressMessage("Security", "CA5401:Do not use CreateEncryptor with non-default IV", Justification = "The format's")]
    public override bool TryRead(long position, Span<byte> destination)
    {
        if (position < 0 || position > Length - destination.Length)
        {
            return false;
        }
        using var aes = Aes.Create();
        aes.Key = key;
        byte[] encrypted = ArrayPool<byte>.Shared.Rent(ChunkLength + (2 * BlockLength));
        byte[] plain = ArrayPool<byte>.Shared.Rent(ChunkLength + BlockLength);
        try
        {
            while (!destination.IsEmpty)
            {
                int count = Math.Min(destination.Length, ChunkLength);
                if (!TryDecrypt(aes, position, destination[..count], encrypted, plain))
                {
                    return false;
                }
                position += count;
                destination = destination[count..];
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encrypted);
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
        }
    }

    private bool TryDecrypt(Aes aes, long position, Span<byte> destination, byte[] encrypted, byte[] plain)
    {
        int skip = (int)(position % BlockLength);
        int length = (skip + destination.Length + BlockLength - 1) / BlockLength * BlockLength;
        long first = position - skip;
        // The block before the first one is its vector.
        Span<byte> blocks = encrypted.AsSpan(0, BlockLength + length);
        if (first == 0)
        {
            vector.CopyTo(blocks);
        }
        if (!Archive.TryRead(Start + first - (first == 0 ? 0 : BlockLength), blocks[(first == 0 ? BlockLength : 0)..]))
        {
            return false;
        }
        aes.DecryptCbc(blocks[BlockLength..], blocks[..BlockLength], plain, PaddingMode.None);
        plain.AsSpan(skip, destination.Length).CopyTo(destination);
        return true;
    }
}
