using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Zip.Encryption;

/// <summary>AES as WinZip uses it: in counter mode, so that every place can be decrypted by itself, with an HMAC over all of the encrypted bytes behind them.</summary>
internal sealed class AesSource : DecryptingSource
{
    /// <summary>Behind the salt: two bytes that come of the password, too.</summary>
    public const int VerifierLength = 2;

    /// <summary>Behind the content: half of the HMAC.</summary>
    public const int CodeLength = 10;

    private const int Iterations = 1000;
    private const int BlockLength = 16;

    /// <summary>Encrypted at a time: counters and their encryption stay in the processor's cache.</summary>
    private const int ChunkLength = 8 << 10;

    private readonly byte[] _key;
    private readonly byte[] _authenticationKey;

    private AesSource(ByteSource archive, long start, long length, byte[] key, byte[] authenticationKey)
        : base(archive, start, length)
    {
        _key = key;
        _authenticationKey = authenticationKey;
    }

    /// <inheritdoc/>
    public override bool MayHaveWrongPassword => false;

    /// <inheritdoc/>
    public override bool IsAuthenticated => true;

    /// <summary>Derives an entry's keys; null if the password is not the one that it was encrypted with (one wrong one in 65,536 passes).</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="start">Where the content begins, behind <paramref name="head"/>.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="head">Salt and verifier.</param>
    /// <param name="keyLength">The key's length.</param>
    /// <param name="password">The password.</param>
    [SuppressMessage("Security", "CA5379:Ensure Key Derivation Function algorithm is sufficiently strong", Justification = "The format's")]
    [SuppressMessage("Security", "CA5387:Do Not Use Weak Key Derivation Function With Insufficient Iteration Count", Justification = "The format's")]
    public static AesSource? Open(ByteSource archive, long start, long length, ReadOnlySpan<byte> head, int keyLength, ReadOnlySpan<byte> password)
    {
        byte[] keys = Rfc2898DeriveBytes.Pbkdf2(password, head[..^VerifierLength], Iterations, HashAlgorithmName.SHA1, (2 * keyLength) + VerifierLength);
        return CryptographicOperations.FixedTimeEquals(keys.AsSpan(2 * keyLength), head[^VerifierLength..])
            ? new AesSource(archive, start, length, keys[..keyLength], keys[keyLength..(2 * keyLength)])
            : null;
    }

    /// <inheritdoc/>
    public override bool TryRead(long position, Span<byte> destination)
    {
        if (position < 0 || position > Length - destination.Length || !Archive.TryRead(Start + position, destination))
        {
            return false;
        }
        Decrypt(position, destination);
        return true;
    }

    /// <inheritdoc/>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The format's")]
    public override bool TryAuthenticate(out bool isGenuine)
    {
        const int PieceLength = 64 << 10;
        isGenuine = false;
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, _authenticationKey);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            int count;
            for (long position = 0; position < Length; position += count)
            {
                count = (int)Math.Min(PieceLength, Length - position);
                if (!Archive.TryRead(Start + position, buffer.AsSpan(0, count)))
                {
                    return false;
                }
                hmac.AppendData(buffer.AsSpan(0, count));
            }
            Span<byte> told = stackalloc byte[CodeLength];
            if (!Archive.TryRead(Start + Length, told))
            {
                return false;
            }
            isGenuine = CryptographicOperations.FixedTimeEquals(hmac.GetHashAndReset().AsSpan(0, CodeLength), told);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [SuppressMessage("Security", "CA5358:Review cipher mode usage with cryptography experts", Justification = "Encrypts counters: this makes counter mode, which .NET does not have")]
    private void Decrypt(long position, Span<byte> bytes)
    {
        using var aes = Aes.Create();
        aes.Key = _key;
        byte[] counters = ArrayPool<byte>.Shared.Rent(ChunkLength);
        byte[] stream = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            while (!bytes.IsEmpty)
            {
                int skip = (int)(position % BlockLength);
                int count = Math.Min(bytes.Length, ChunkLength - skip);
                int blocks = (skip + count + BlockLength - 1) / BlockLength;
                WriteCounters(counters, position / BlockLength, blocks);
                aes.EncryptEcb(counters.AsSpan(0, blocks * BlockLength), stream, PaddingMode.None);
                Xor(bytes[..count], stream.AsSpan(skip));
                position += count;
                bytes = bytes[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(counters);
            ArrayPool<byte>.Shared.Return(stream, clearArray: true);
        }
    }

    /// <summary>Counters are little-endian and begin with one.</summary>
    private static void WriteCounters(Span<byte> counters, long block, int count)
    {
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(counters[(i * BlockLength)..], block + i + 1);
            BinaryPrimitives.WriteInt64LittleEndian(counters[((i * BlockLength) + sizeof(long))..], 0);
        }
    }

    private static void Xor(Span<byte> bytes, ReadOnlySpan<byte> stream)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ReadOnlySpan<ulong> streamWords = MemoryMarshal.Cast<byte, ulong>(stream);
        for (int i = 0; i < words.Length; i++)
        {
            words[i] ^= streamWords[i];
        }
        for (int i = words.Length * sizeof(ulong); i < bytes.Length; i++)
        {
            bytes[i] ^= stream[i];
        }
    }
}
