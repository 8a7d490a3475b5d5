namespace Kaleidofs.Drivers.Smb.Client.Security;

/// <summary>RC4, by which NTLM hands over a session's key, and which .NET does not have.</summary>
internal static class Rc4
{
    public static byte[] Transform(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        Span<byte> state = stackalloc byte[256];
        for (int index = 0; index < 256; index++)
        {
            state[index] = (byte)index;
        }
        byte mixed = 0;
        for (int index = 0; index < 256; index++)
        {
            mixed += (byte)(state[index] + key[index % key.Length]);
            (state[index], state[mixed]) = (state[mixed], state[index]);
        }
        byte[] result = new byte[data.Length];
        byte first = 0;
        byte second = 0;
        for (int at = 0; at < data.Length; at++)
        {
            second += state[++first];
            (state[first], state[second]) = (state[second], state[first]);
            result[at] = (byte)(data[at] ^ state[(byte)(state[first] + state[second])]);
        }
        return result;
    }
}
