using System.Security.Cryptography;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client.Security;

/// <summary>The keys that a session's messages are signed and encrypted with, made from the one that authentication left (MS-SMB2 3.1.4.2).</summary>
/// <param name="Signing">Signs, both ways.</param>
/// <param name="ToServer">Encrypts what is sent.</param>
/// <param name="FromServer">Decrypts what is received.</param>
internal sealed record SessionKeys(byte[] Signing, byte[] ToServer, byte[] FromServer)
{
    /// <summary>Bytes of the key that authentication leaves.</summary>
    public const int KeySize = 16;


    /// <param name="dialect">The dialect.</param>
    /// <param name="sessionKey">What authentication left.</param>
    /// <param name="preauthenticationHash">The hash over all messages that led to the session; of 3.1.1 only.</param>
    /// <param name="cipher">What is encrypted with.</param>
    public static SessionKeys Derive(Dialect dialect, ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> preauthenticationHash, Cipher cipher)
    {
        // A shorter key counts as one that ends with zeros, a longer one is cut.
        byte[] key = new byte[KeySize];
        sessionKey[..Math.Min(sessionKey.Length, KeySize)].CopyTo(key);
        if (dialect < Dialect.Smb300)
        {
            return new SessionKeys(key, [], []);
        }
        if (dialect < Dialect.Smb311)
        {
            return new SessionKeys(
                Derive(key, "SMB2AESCMAC\0"u8, "SmbSign\0"u8, KeySize),
                Derive(key, "SMB2AESCCM\0"u8, "ServerIn \0"u8, KeySize),
                Derive(key, "SMB2AESCCM\0"u8, "ServerOut\0"u8, KeySize));
        }
        bool isLong = cipher is Cipher.Aes256Ccm or Cipher.Aes256Gcm;
        ReadOnlySpan<byte> cipherKey = isLong ? sessionKey : key;
        int cipherKeySize = isLong ? 2 * KeySize : KeySize;
        return new SessionKeys(
            Derive(key, "SMBSigningKey\0"u8, preauthenticationHash, KeySize),
            Derive(cipherKey, "SMBC2SCipherKey\0"u8, preauthenticationHash, cipherKeySize),
            Derive(cipherKey, "SMBS2CCipherKey\0"u8, preauthenticationHash, cipherKeySize));
    }

    /// <summary>SP800-108 in counter mode with HMAC-SHA256.</summary>
    private static byte[] Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int size)
    {
        byte[] derived = new byte[size];
        SP800108HmacCounterKdf.DeriveBytes(key, HashAlgorithmName.SHA256, label, context, derived);
        return derived;
    }
}
