namespace Kaleidofs.Drivers.Archive.Zip.Encryption;

/// <summary>The three keys of traditional encryption (APPNOTE 6.1), at some place of an entry: each plain byte changes them for the next.</summary>
internal struct ZipCryptoKeys
{
    private static readonly uint[] Table = MakeTable();

    private uint _key0;
    private uint _key1;
    private uint _key2;

    /// <summary>The keys at the beginning of every entry with this password.</summary>
    public static ZipCryptoKeys From(ReadOnlySpan<byte> password)
    {
        ZipCryptoKeys keys = new() { _key0 = 0x12345678, _key1 = 0x23456789, _key2 = 0x34567890 };
        foreach (byte value in password)
        {
            Update(ref keys._key0, ref keys._key1, ref keys._key2, value);
        }
        return keys;
    }

    /// <summary>Decrypts bytes where they are, and goes on behind them.</summary>
    public void Decrypt(Span<byte> bytes)
    {
        uint key0 = _key0;
        uint key1 = _key1;
        uint key2 = _key2;
        foreach (ref byte value in bytes)
        {
            uint word = (key2 | 2) & 0xFFFF;
            value ^= (byte)((word * (word ^ 1)) >> 8);
            Update(ref key0, ref key1, ref key2, value);
        }
        _key0 = key0;
        _key1 = key1;
        _key2 = key2;
    }

    private static void Update(ref uint key0, ref uint key1, ref uint key2, byte plain)
    {
        key0 = Table[(byte)(key0 ^ plain)] ^ (key0 >> 8);
        key1 = ((key1 + (byte)key0) * 134775813) + 1;
        key2 = Table[(byte)(key2 ^ (key1 >> 24))] ^ (key2 >> 8);
    }

    /// <summary>CRC-32 by the byte: zlib's takes buffers, and complements.</summary>
    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            }
            table[i] = value;
        }
        return table;
    }
}
