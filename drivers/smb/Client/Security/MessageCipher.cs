using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client.Security;

/// <summary>Encrypts a session's messages and decrypts those of the server (MS-SMB2 3.1.4.3). Encrypting is for any number of threads, decrypting for one.</summary>
internal sealed class MessageCipher : IDisposable
{
    private const int TagSize = 16;

    private readonly Cipher _cipher;
    private readonly byte[] _key;
    private readonly ulong _sessionId;
    private readonly ConcurrentBag<Algorithm> _encrypting = [];
    private readonly Algorithm _decrypting;
    private ulong _lastNonce;

    public MessageCipher(Cipher cipher, SessionKeys keys, ulong sessionId)
    {
        _cipher = cipher;
        _key = keys.ToServer;
        _sessionId = sessionId;
        _decrypting = new Algorithm(cipher, keys.FromServer);
    }

    private int NonceSize => _cipher is Cipher.Aes128Ccm or Cipher.Aes256Ccm ? 11 : 12;

    /// <summary>Encrypts a message in place.</summary>
    /// <param name="frame">Room for a <see cref="TransformHeader"/>, and the message.</param>
    public void Encrypt(Span<byte> frame)
    {
        Span<byte> message = frame[TransformHeader.Size..];
        TransformHeader.Write(frame, message.Length, _sessionId);
        // A nonce must never come twice under a key: it is counted.
        Span<byte> nonce = TransformHeader.GetNonce(frame);
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, Interlocked.Increment(ref _lastNonce));
        Algorithm algorithm = _encrypting.TryTake(out Algorithm? old) ? old : new Algorithm(_cipher, _key);
        algorithm.Encrypt(nonce[..NonceSize], message, TransformHeader.GetSignature(frame), TransformHeader.GetAssociatedData(frame));
        _encrypting.Add(algorithm);
    }

    /// <summary>Decrypts in place what came of the server; false if it is not this session's, or was changed on its way.</summary>
    public bool TryDecrypt(Span<byte> frame, out Span<byte> message)
    {
        message = default;
        if (!TransformHeader.TryParse(frame, out ulong sessionId) || sessionId != _sessionId)
        {
            return false;
        }
        message = frame[TransformHeader.Size..];
        return _decrypting.TryDecrypt(TransformHeader.GetNonce(frame)[..NonceSize], message, TransformHeader.GetSignature(frame), TransformHeader.GetAssociatedData(frame));
    }

    public void Dispose()
    {
        foreach (Algorithm algorithm in _encrypting)
        {
            algorithm.Dispose();
        }
        _decrypting.Dispose();
        CryptographicOperations.ZeroMemory(_key);
    }

    private sealed class Algorithm(Cipher cipher, byte[] key) : IDisposable
    {
        private readonly AesGcm? _gcm = cipher is Cipher.Aes128Gcm or Cipher.Aes256Gcm ? new AesGcm(key, TagSize) : null;
        private readonly AesCcm? _ccm = cipher is Cipher.Aes128Ccm or Cipher.Aes256Ccm ? new AesCcm(key) : null;

        public void Encrypt(ReadOnlySpan<byte> nonce, Span<byte> message, Span<byte> tag, ReadOnlySpan<byte> associated)
        {
            _gcm?.Encrypt(nonce, message, message, tag, associated);
            _ccm?.Encrypt(nonce, message, message, tag, associated);
        }

        public bool TryDecrypt(ReadOnlySpan<byte> nonce, Span<byte> message, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> associated)
        {
            try
            {
                _gcm?.Decrypt(nonce, message, tag, message, associated);
                _ccm?.Decrypt(nonce, message, tag, message, associated);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        public void Dispose()
        {
            _gcm?.Dispose();
            _ccm?.Dispose();
        }
    }
}
