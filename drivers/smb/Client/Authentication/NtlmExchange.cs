using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Kaleidofs.Drivers.Smb.Client.Security;

namespace Kaleidofs.Drivers.Smb.Client.Authentication;

/// <summary>The client's side of NTLM, version 2 only (MS-NLMP 3.1.5): two messages, and the key that is left.</summary>
internal sealed class NtlmExchange(SmbCredentials credentials, string server)
{
    private const NtlmFlags Wanted = NtlmFlags.Unicode | NtlmFlags.RequestTarget | NtlmFlags.Sign | NtlmFlags.Seal | NtlmFlags.Ntlm | NtlmFlags.AlwaysSign
        | NtlmFlags.ExtendedSessionSecurity | NtlmFlags.TargetInfo | NtlmFlags.Key128 | NtlmFlags.KeyExchange | NtlmFlags.Key56;

    /// <summary>Without these the keys would be weak, or none.</summary>
    private const NtlmFlags Needed = NtlmFlags.Unicode | NtlmFlags.ExtendedSessionSecurity | NtlmFlags.Key128 | NtlmFlags.KeyExchange;

    private const int NegotiateSize = 40;
    private const int AuthenticateSize = 88;
    private const int IntegrityCodeAt = 72;
    private const int KeySize = 16;

    /// <summary>In the flags that go back: this message has a code over all three.</summary>
    private const byte HasIntegrityCode = 2;

    private readonly byte[] _negotiate = WriteNegotiate();

    /// <summary>What is left once <see cref="TryAnswer"/> has answered; empty for who is anonymous.</summary>
    public byte[] SessionKey { get; private set; } = [];

    /// <summary>The first message.</summary>
    public byte[] Begin() => _negotiate;

    /// <summary>The second message, or null if the server's is damaged or offers too little.</summary>
    public byte[]? TryAnswer(ReadOnlySpan<byte> challengeMessage)
    {
        if (NtlmChallenge.TryParse(challengeMessage) is not { } challenge || (challenge.Flags & Needed) != Needed)
        {
            return null;
        }
        if (credentials.IsAnonymous)
        {
            return WriteAuthenticate(challenge.Flags | NtlmFlags.Anonymous, new NtlmV2([], [0], []), new byte[KeySize], hasCode: false);
        }
        if (TargetInfo.TryParse(challenge.TargetInfo) is not { } pairs)
        {
            return null;
        }
        byte[] told = pairs.Find(pair => pair.Id == TargetInfo.Timestamp).Value ?? [];
        bool hasTimestamp = told.Length == 8;
        ulong time = hasTimestamp ? BinaryPrimitives.ReadUInt64LittleEndian(told) : (ulong)DateTime.UtcNow.ToFileTimeUtc();
        if (hasTimestamp)
        {
            pairs.RemoveAll(pair => pair.Id == TargetInfo.Flags);
            pairs.Add((TargetInfo.Flags, [HasIntegrityCode, 0, 0, 0]));
        }
        pairs.Add((TargetInfo.ChannelBindings, new byte[16]));
        pairs.Add((TargetInfo.TargetName, Encoding.Unicode.GetBytes($"cifs/{server}")));
        byte[] key = NtlmV2.GetResponseKey(credentials.Password, credentials.User, credentials.Domain);
        NtlmV2 response = NtlmV2.Compute(key, challenge.ServerChallenge, RandomNumberGenerator.GetBytes(8), time, TargetInfo.Write(pairs), hasTimestamp);
        SessionKey = RandomNumberGenerator.GetBytes(KeySize);
        byte[] message = WriteAuthenticate(challenge.Flags & Wanted, response, Rc4.Transform(response.SessionBaseKey, SessionKey), hasCode: true);
        if (hasTimestamp)
        {
            SignAll(message, challengeMessage);
        }
        CryptographicOperations.ZeroMemory(key);
        return message;
    }

    /// <summary>The first code of the client's over something (MS-NLMP 3.4.4.2).</summary>
    [SuppressMessage("Security", "CA5351", Justification = "The protocol has it so.")]
    public byte[] Sign(ReadOnlySpan<byte> content)
    {
        if (SessionKey.Length == 0)
        {
            return [];
        }
        byte[] signingKey = MD5.HashData([.. SessionKey, .. "session key to client-to-server signing key magic constant\0"u8]);
        byte[] sealingKey = MD5.HashData([.. SessionKey, .. "session key to client-to-server sealing key magic constant\0"u8]);
        byte[] sum = HMACMD5.HashData(signingKey, (byte[])[0, 0, 0, 0, .. content]);
        return [1, 0, 0, 0, .. Rc4.Transform(sealingKey, sum.AsSpan(0, 8)), 0, 0, 0, 0];
    }

    [SuppressMessage("Security", "CA5351", Justification = "The protocol has it so.")]
    private void SignAll(byte[] authenticate, ReadOnlySpan<byte> challenge)
    {
        using var code = IncrementalHash.CreateHMAC(HashAlgorithmName.MD5, SessionKey);
        code.AppendData(_negotiate);
        code.AppendData(challenge);
        code.AppendData(authenticate);
        code.GetHashAndReset(authenticate.AsSpan(IntegrityCodeAt));
    }

    private static byte[] WriteNegotiate()
    {
        byte[] message = new byte[NegotiateSize];
        "NTLMSSP\0"u8.CopyTo(message);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), (uint)Wanted);
        return message;
    }

    private byte[] WriteAuthenticate(NtlmFlags flags, NtlmV2 response, byte[] encryptedKey, bool hasCode)
    {
        (string domain, string user) = credentials.IsAnonymous ? ("", "") : (credentials.Domain, credentials.User);
        byte[][] parts = [response.LmResponse, response.NtResponse, Encoding.Unicode.GetBytes(domain), Encoding.Unicode.GetBytes(user), [], encryptedKey];
        int fixedSize = hasCode ? AuthenticateSize : IntegrityCodeAt;
        byte[] message = new byte[fixedSize + parts.Sum(part => part.Length)];
        "NTLMSSP\0"u8.CopyTo(message);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), 3);
        int offset = fixedSize;
        for (int index = 0; index < parts.Length; index++)
        {
            Span<byte> field = message.AsSpan(12 + (index * 8));
            BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)parts[index].Length);
            BinaryPrimitives.WriteUInt16LittleEndian(field[2..], (ushort)parts[index].Length);
            BinaryPrimitives.WriteInt32LittleEndian(field[4..], offset);
            parts[index].CopyTo(message.AsSpan(offset));
            offset += parts[index].Length;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(60), (uint)flags);
        return message;
    }
}
