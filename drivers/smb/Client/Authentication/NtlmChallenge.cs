using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Authentication;

/// <summary>The server's message of NTLM (MS-NLMP 2.2.1.2).</summary>
internal sealed record NtlmChallenge(NtlmFlags Flags, byte[] ServerChallenge, byte[] TargetInfo)
{
    private const int FixedSize = 48;

    public static NtlmChallenge? TryParse(ReadOnlySpan<byte> message)
    {
        if (message.Length < FixedSize || !message.StartsWith("NTLMSSP\0"u8) || BinaryPrimitives.ReadUInt32LittleEndian(message[8..]) != 2)
        {
            return null;
        }
        int length = BinaryPrimitives.ReadUInt16LittleEndian(message[40..]);
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(message[44..]);
        if (length > 0 && (offset < FixedSize || offset > message.Length || length > message.Length - offset))
        {
            return null;
        }
        byte[] info = length == 0 ? [] : message.Slice((int)offset, length).ToArray();
        return new NtlmChallenge((NtlmFlags)BinaryPrimitives.ReadUInt32LittleEndian(message[20..]), message.Slice(24, 8).ToArray(), info);
    }
}
