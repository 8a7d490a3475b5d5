using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Kaleidofs.Drivers.Smb.Client.Security;

namespace Kaleidofs.Drivers.Smb.Client.Authentication;

/// <summary>What NTLMv2 computes (MS-NLMP 3.3.2).</summary>
/// <param name="NtResponse">The proof, and what it proves.</param>
/// <param name="LmResponse">The same for servers that look at this instead.</param>
/// <param name="SessionBaseKey">A key that both sides then have.</param>
internal sealed record NtlmV2(byte[] NtResponse, byte[] LmResponse, byte[] SessionBaseKey)
{
    /// <summary>The key that a password stands for.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "The protocol has it so.")]
    public static byte[] GetResponseKey(string password, string user, string domain)
        => HMACMD5.HashData(Md4.HashData(Encoding.Unicode.GetBytes(password)), Encoding.Unicode.GetBytes(user.ToUpperInvariant() + domain));

    [SuppressMessage("Security", "CA5351", Justification = "The protocol has it so.")]
    public static NtlmV2 Compute(byte[] responseKey, ReadOnlySpan<byte> serverChallenge, ReadOnlySpan<byte> clientChallenge, ulong time, ReadOnlySpan<byte> targetInfo, bool hasTimestamp)
    {
        byte[] proven = new byte[8 + 28 + targetInfo.Length + 4];
        serverChallenge.CopyTo(proven);
        Span<byte> blob = proven.AsSpan(8);
        blob[0] = 1;
        blob[1] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(blob[8..], time);
        clientChallenge.CopyTo(blob[16..]);
        targetInfo.CopyTo(blob[28..]);
        byte[] proof = HMACMD5.HashData(responseKey, proven);
        // A server that tells its time looks at the newer response alone.
        byte[] lm = hasTimestamp ? new byte[24] : [.. HMACMD5.HashData(responseKey, (byte[])[.. serverChallenge, .. clientChallenge]), .. clientChallenge];
        return new NtlmV2([.. proof, .. blob], lm, HMACMD5.HashData(responseKey, proof));
    }
}
