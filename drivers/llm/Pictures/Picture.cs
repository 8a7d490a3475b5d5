using System.Buffers.Binary;
using System.IO.Compression;

namespace Kaleidofs.Drivers.Llm.Pictures;

/// <summary>A small picture of plain shapes, and its PNG (RFC 2083).</summary>
internal sealed class Picture
{
    /// <summary>The longest side.</summary>
    public const int MaxSide = 512;

    private const int Channels = 3;

    private static readonly uint[] CrcTable = MakeTable();

    private readonly int _width;
    private readonly int _height;
    private readonly byte[] _pixels;

    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="background">As 0xRRGGBB.</param>
    public Picture(int width, int height, uint background)
    {
        _width = width;
        _height = height;
        _pixels = new byte[width * height * Channels];
        FillRectangle(0, 0, width, height, background);
    }

    public void FillRectangle(int left, int top, int width, int height, uint colour)
    {
        int right = (int)Math.Min((long)left + width, _width);
        int bottom = (int)Math.Min((long)top + height, _height);
        for (int y = Math.Max(top, 0); y < bottom; y++)
        {
            for (int x = Math.Max(left, 0); x < right; x++)
            {
                Set(x, y, colour);
            }
        }
    }

    public void FillCircle(int centreX, int centreY, int radius, uint colour)
    {
        radius = Math.Min(radius, 2 * MaxSide);
        for (int y = Math.Max(centreY - radius, 0); y < Math.Min(centreY + radius + 1, _height); y++)
        {
            for (int x = Math.Max(centreX - radius, 0); x < Math.Min(centreX + radius + 1, _width); x++)
            {
                if (((x - centreX) * (x - centreX)) + ((y - centreY) * (y - centreY)) <= radius * radius)
                {
                    Set(x, y, colour);
                }
            }
        }
    }

    public byte[] Encode()
    {
        using MemoryStream stream = new();
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, _width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], _height);
        // 8 bits a channel, red, green and blue; deflate, the five filters, not interlaced.
        header[8] = 8;
        header[9] = 2;
        header[10] = header[11] = header[12] = 0;
        WriteChunk(stream, "IHDR"u8, header);
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < _height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(_pixels, y * _width * Channels, _width * Channels);
            }
        }
        WriteChunk(stream, "IDAT"u8, packed.ToArray());
        WriteChunk(stream, "IEND"u8, []);
        return stream.ToArray();
    }

    private void Set(int x, int y, uint colour)
    {
        int at = ((y * _width) + x) * Channels;
        _pixels[at] = (byte)(colour >> 16);
        _pixels[at + 1] = (byte)(colour >> 8);
        _pixels[at + 2] = (byte)colour;
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Update(Update(uint.MaxValue, type), data));
        stream.Write(number);
    }

    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            crc = CrcTable[(crc ^ value) & 0xFF] ^ (crc >> 8);
        }
        return crc;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint entry = i;
            for (int bit = 0; bit < 8; bit++)
            {
                entry = (entry & 1) != 0 ? 0xEDB88320 ^ (entry >> 1) : entry >> 1;
            }
            table[i] = entry;
        }
        return table;
    }
}
