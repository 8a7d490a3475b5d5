using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What a client offers (MS-SMB2 2.2.3).</summary>
/// <param name="Dialects">The dialects, the oldest first.</param>
/// <param name="ClientGuid">The client.</param>
internal sealed record NegotiateRequest(IReadOnlyList<Dialect> Dialects, Guid ClientGuid)
{
    /// <summary>Signing is on; whether it is a must is the client's own matter.</summary>
    public const ushort SecurityMode = 1;

    public const Capabilities Offered = Capabilities.LargeMtu | Capabilities.Leasing | Capabilities.DirectoryLeasing | Capabilities.Encryption;

    private const int FixedSize = 36;

    /// <summary>Of the older dialects none may know capabilities.</summary>
    public Capabilities Capabilities => Dialects[^1] >= Dialect.Smb300 ? Offered : Capabilities.None;

    public byte[] Write()
    {
        int listEnd = FixedSize + (Dialects.Count * 2);
        bool hasContexts = Dialects.Contains(Dialect.Smb311);
        byte[] body = new byte[hasContexts ? ((listEnd + 7) & ~7) + ContextsSize : listEnd];
        BinaryPrimitives.WriteUInt16LittleEndian(body, FixedSize);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(2), (ushort)Dialects.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(4), SecurityMode);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), (uint)Capabilities);
        ClientGuid.TryWriteBytes(body.AsSpan(12));
        for (int index = 0; index < Dialects.Count; index++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(FixedSize + (index * 2)), (ushort)Dialects[index]);
        }
        if (hasContexts)
        {
            int at = (listEnd + 7) & ~7;
            BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(28), Smb2Header.Size + at);
            BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(32), 3);
            WriteContexts(body.AsSpan(at));
        }
        return body;
    }

    private const int SaltSize = 32;
    // Each is padded to 8 bytes, but for the last.
    private const int ContextsSize = 8 + 40 + 8 + 16 + 8 + 8;

    private static void WriteContexts(Span<byte> contexts)
    {
        // SHA-512, the only one there is.
        WriteContext(contexts, 1, 6 + SaltSize);
        BinaryPrimitives.WriteUInt16LittleEndian(contexts[8..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(contexts[10..], SaltSize);
        BinaryPrimitives.WriteUInt16LittleEndian(contexts[12..], 1);
        RandomNumberGenerator.Fill(contexts.Slice(14, SaltSize));
        contexts = contexts[48..];
        WriteContext(contexts, 2, 10);
        WriteList(contexts[8..], [(ushort)Cipher.Aes128Gcm, (ushort)Cipher.Aes256Gcm, (ushort)Cipher.Aes128Ccm, (ushort)Cipher.Aes256Ccm]);
        contexts = contexts[24..];
        WriteContext(contexts, 8, 8);
        WriteList(contexts[8..], [(ushort)SigningAlgorithm.AesGmac, (ushort)SigningAlgorithm.AesCmac, (ushort)SigningAlgorithm.HmacSha256]);
    }

    private static void WriteContext(Span<byte> context, ushort type, int length)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(context, type);
        BinaryPrimitives.WriteUInt16LittleEndian(context[2..], (ushort)length);
    }

    private static void WriteList(Span<byte> data, ReadOnlySpan<ushort> values)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(data, (ushort)values.Length);
        for (int index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data[(2 + (index * 2))..], values[index]);
        }
    }
}
