using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>A position in the bytes of a header (7zFormat.txt of the LZMA SDK). Whatever they say, nothing behind them is read.</summary>
internal ref struct HeaderCursor(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>How many bytes are left. Nothing that is listed takes less than a bit, and hardly anything less than a byte: numbers of things are held against it.</summary>
    public readonly int Left => _rest.Length;

    /// <exception cref="SourceException">There is none.</exception>
    public byte ReadByte() => ReadBytes(1)[0];

    /// <exception cref="SourceException">There are fewer.</exception>
    public ReadOnlySpan<byte> ReadBytes(long count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw Damaged("it ends too early");
        }
        ReadOnlySpan<byte> read = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return read;
    }

    /// <summary>A number of one to nine bytes: the ones that the first byte begins with say how many follow.</summary>
    public ulong ReadNumber()
    {
        byte first = ReadByte();
        ulong value = 0;
        byte mask = 0x80;
        for (int i = 0; i < sizeof(ulong); i++, mask >>= 1)
        {
            if ((first & mask) == 0)
            {
                return value | ((ulong)(first & (mask - 1)) << (8 * i));
            }
            value |= (ulong)ReadByte() << (8 * i);
        }
        return value;
    }

    /// <summary>A length or a position.</summary>
    public long ReadLength() => ReadNumber() is var value and <= long.MaxValue ? (long)value : throw Damaged("a length overflows");

    /// <summary>How many things of a kind there are.</summary>
    /// <param name="most">More cannot be.</param>
    public int ReadCount(long most) => ReadNumber() is var value && value <= (ulong)Math.Min(most, int.MaxValue) ? (int)value : throw Damaged("there is more of something than can be");

    /// <summary>A bit for each of so many things, the highest of a byte first.</summary>
    public bool[] ReadBits(int count)
    {
        bool[] bits = new bool[count];
        ReadOnlySpan<byte> packed = ReadBytes((count + 7) / 8);
        for (int i = 0; i < count; i++)
        {
            bits[i] = (packed[i / 8] & (0x80 >> (i % 8))) != 0;
        }
        return bits;
    }

    /// <summary>Which of so many things have a value: a byte that says all, or a bit for each.</summary>
    public bool[] ReadDefined(int count)
    {
        if (ReadByte() == 0)
        {
            return ReadBits(count);
        }
        bool[] all = new bool[count];
        Array.Fill(all, true);
        return all;
    }

    /// <summary>The checksums that some of so many things have.</summary>
    public uint?[] ReadDigests(int count)
    {
        bool[] defined = ReadDefined(count);
        uint?[] digests = new uint?[count];
        for (int i = 0; i < count; i++)
        {
            digests[i] = defined[i] ? BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(sizeof(uint))) : null;
        }
        return digests;
    }

    /// <summary>Refuses values that stand in a stream of their own, which no tool writes.</summary>
    public void ReadInPlace()
    {
        if (ReadByte() != 0)
        {
            throw Damaged("a part of it stands elsewhere, which is not supported");
        }
    }

    /// <summary>Expects a mark.</summary>
    public void Expect(SevenZipMark mark)
    {
        if (ReadMark() != mark)
        {
            throw Damaged($"{mark} is missing");
        }
    }

    /// <summary>What comes next.</summary>
    public SevenZipMark ReadMark() => (SevenZipMark)Math.Min(ReadNumber(), byte.MaxValue);

    /// <summary>A failure, to be thrown; who opened the archive adds its name.</summary>
    public static SourceException Damaged(string reason) => new($"its header is damaged: {reason}");
}
