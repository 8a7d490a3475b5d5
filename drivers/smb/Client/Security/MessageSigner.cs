using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client.Security;

/// <summary>Signs a session's messages and checks those of the server (MS-SMB2 3.1.4.1); for any number of threads.</summary>
internal sealed class MessageSigner(SigningAlgorithm algorithm, byte[] key) : IDisposable
{
    public const int SignatureSize = 16;

    // What .NET has of these is for one thread at a time.
    private readonly ConcurrentBag<AesCmac> _cmacs = [];
    private readonly ConcurrentBag<AesGcm> _gmacs = [];

    /// <summary>Signs a message in place.</summary>
    public void Sign(Span<byte> message)
    {
        Smb2Header.AddFlags(message, HeaderFlags.Signed);
        Span<byte> signature = Smb2Header.GetSignature(message);
        signature.Clear();
        Span<byte> computed = stackalloc byte[SignatureSize];
        Compute(message, computed);
        computed.CopyTo(signature);
    }

    /// <summary>Whether a message of the server's is signed by who has the key. The signature is cleared.</summary>
    public bool Verify(Span<byte> message)
    {
        Span<byte> signature = Smb2Header.GetSignature(message);
        Span<byte> told = stackalloc byte[SignatureSize];
        signature.CopyTo(told);
        signature.Clear();
        Span<byte> computed = stackalloc byte[SignatureSize];
        Compute(message, computed);
        return (Smb2Header.GetFlags(message) & HeaderFlags.Signed) != 0 && CryptographicOperations.FixedTimeEquals(told, computed);
    }

    public void Dispose()
    {
        foreach (AesCmac cmac in _cmacs)
        {
            cmac.Dispose();
        }
        foreach (AesGcm gmac in _gmacs)
        {
            gmac.Dispose();
        }
        CryptographicOperations.ZeroMemory(key);
    }

    private void Compute(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        switch (algorithm)
        {
            case SigningAlgorithm.AesCmac:
                AesCmac cmac = _cmacs.TryTake(out AesCmac? oldCmac) ? oldCmac : new AesCmac(key);
                cmac.Compute(message, signature);
                _cmacs.Add(cmac);
                break;
            case SigningAlgorithm.AesGmac:
                AesGcm gmac = _gmacs.TryTake(out AesGcm? oldGmac) ? oldGmac : new AesGcm(key, SignatureSize);
                Span<byte> nonce = stackalloc byte[12];
                WriteNonce(message, nonce);
                gmac.Encrypt(nonce, [], [], signature, message);
                _gmacs.Add(gmac);
                break;
            default:
                Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
                HMACSHA256.HashData(key, message, hash);
                hash[..SignatureSize].CopyTo(signature);
                break;
        }
    }

    /// <summary>A message's number, who sent it, and whether it takes back the request of that number.</summary>
    private static void WriteNonce(ReadOnlySpan<byte> message, Span<byte> nonce)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, Smb2Header.GetMessageId(message));
        uint role = (Smb2Header.GetFlags(message) & HeaderFlags.Response) != 0 ? 1u : 0;
        uint cancel = Smb2Header.GetCommand(message) == Command.Cancel ? 2u : 0;
        BinaryPrimitives.WriteUInt32LittleEndian(nonce[8..], role | cancel);
    }
}
