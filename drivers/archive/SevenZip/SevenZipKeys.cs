using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>Derives keys from the archive's password. The folders of an archive mostly share one.</summary>
internal sealed class SevenZipKeys(ArchivePassword password)
{
    private const int KeyLength = 32;

    /// <summary>As 7-Zip: 16 million rounds, a second or so. Its own archives have half a million.</summary>
    private const int MaxPower = 24;

    /// <summary>The password itself is the key.</summary>
    private const int NotHashed = 0x3F;

    /// <summary>Hashed at a time.</summary>
    private const int RoundsAtOnce = 512;

    private const int MaxKept = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]> _keys = [];

    /// <summary>The plain bytes of what a coder encrypted; null if it says how in no way that is known. May take a second.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="start">Where the encrypted bytes begin.</param>
    /// <param name="length">How many they are.</param>
    /// <param name="coder">The coder.</param>
    public AesCbcSource? Open(ByteSource archive, long start, long length, FolderCoder coder)
    {
        const int BlockLength = AesCbcSource.BlockLength;
        ReadOnlySpan<byte> properties = coder.Properties;
        if (properties.IsEmpty || coder.Length > length || length % BlockLength != 0)
        {
            return null;
        }
        int power = properties[0] & 0x3F;
        int saltLength = properties[0] >> 7;
        int vectorLength = (properties[0] >> 6) & 1;
        if ((saltLength | vectorLength) != 0)
        {
            if (properties.Length < 2)
            {
                return null;
            }
            saltLength += properties[1] >> 4;
            vectorLength += properties[1] & 0x0F;
            properties = properties[2..];
        }
        else
        {
            properties = properties[1..];
        }
        if (properties.Length != saltLength + vectorLength || vectorLength > BlockLength || power is > MaxPower and not NotHashed)
        {
            return null;
        }
        byte[] vector = new byte[BlockLength];
        properties[saltLength..].CopyTo(vector);
        return new AesCbcSource(archive, start, coder.Length, GetKey(power, properties[..saltLength]), vector);
    }

    private byte[] GetKey(int power, ReadOnlySpan<byte> salt)
    {
        string name = $"{power}:{Convert.ToHexStringLower(salt)}";
        lock (_lock)
        {
            if (!_keys.TryGetValue(name, out byte[]? key))
            {
                key = Derive(power, salt, Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(password.Bytes)));
                if (_keys.Count < MaxKept)
                {
                    _keys.Add(name, key);
                }
            }
            return key;
        }
    }

    /// <summary>SHA-256 of salt, password and a counter, again and again.</summary>
    private static byte[] Derive(int power, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> password)
    {
        if (power == NotHashed)
        {
            byte[] key = new byte[KeyLength];
            byte[] plain = [.. salt, .. password];
            plain.AsSpan(0, Math.Min(plain.Length, KeyLength)).CopyTo(key);
            return key;
        }
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int roundLength = salt.Length + password.Length + sizeof(long);
        long rounds = 1L << power;
        byte[] buffer = new byte[roundLength * (int)Math.Min(rounds, RoundsAtOnce)];
        for (int position = 0; position < buffer.Length; position += roundLength)
        {
            salt.CopyTo(buffer.AsSpan(position));
            password.CopyTo(buffer.AsSpan(position + salt.Length));
        }
        for (long round = 0; round < rounds;)
        {
            for (int end = roundLength; end <= buffer.Length; end += roundLength)
            {
                BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(end - sizeof(long)), round++);
            }
            hash.AppendData(buffer);
        }
        CryptographicOperations.ZeroMemory(buffer);
        return hash.GetHashAndReset();
    }
}
