using System.Security.Cryptography;

namespace Kaleidofs.Drivers.Smb.Client.Security;

/// <summary>
/// A hash over all messages up to a session, each with the hash of those before it (MS-SMB2 3.1.4.4.1 and following). Keys come of it, so that who
/// changed one of these messages on its way has no valid signature.
/// </summary>
internal sealed class PreauthenticationHash
{
    private readonly byte[] _value;

    public PreauthenticationHash() => _value = new byte[SHA512.HashSizeInBytes];

    private PreauthenticationHash(byte[] value) => _value = value;

    public ReadOnlySpan<byte> Value => _value;

    public PreauthenticationHash Copy() => new([.. _value]);

    public void Add(ReadOnlySpan<byte> message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(_value);
        hash.AppendData(message);
        hash.GetHashAndReset(_value);
    }
}
