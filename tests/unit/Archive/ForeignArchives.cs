using System.Buffers.Binary;
using System.Text;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Archives that no free tool writes, of one stored file each.</summary>
internal static class ForeignArchives
{
    private const uint DosTime = (44u << 25) | (6 << 21) | (15 << 16) | (12 << 11);

    /// <summary>RAR 5 (the archive format's technical note): main header, file header, end.</summary>
    public static byte[] Rar5(string name, byte[] content)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        byte[] file =
        [
            2, 2, .. VariableLength(content.Length), 6, .. VariableLength(content.Length), .. VariableLength(0x81A4), .. Four(1_700_000_000), .. Four(Crc(content)), 0, 1,
            .. VariableLength(utf8.Length), .. utf8,
        ];
        return [.. "Rar!\u001a\u0007\u0001\0"u8, .. Block([1, 0, 0]), .. Block(file), .. content, .. Block([5, 0, 0])];

        static byte[] Block(byte[] fields)
        {
            byte[] header = [.. VariableLength(fields.Length), .. fields];
            return [.. Four(Crc(header)), .. header];
        }
    }

    /// <summary>RAR 3.</summary>
    public static byte[] Rar(string name, byte[] content)
    {
        byte[] ascii = Encoding.ASCII.GetBytes(name);
        byte[] file =
        [
            0x74, 0x00, 0x80, .. Two((ushort)(32 + ascii.Length)), .. Four((uint)content.Length), .. Four((uint)content.Length), 3, .. Four(Crc(content)), .. Four(DosTime), 20, 0x30,
            .. Two((ushort)ascii.Length), .. Four(0x81A4), .. ascii,
        ];
        return [.. "Rar!\u001a\u0007\0"u8, .. Block([0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0]), .. Block(file), .. content, .. Block([0x7b, 0, 0x40, 7, 0])];

        static byte[] Block(byte[] header) => [.. Two((ushort)Crc(header)), .. header];
    }

    /// <summary>LHA, a header of level 0.</summary>
    public static byte[] Lha(string name, byte[] content)
    {
        byte[] ascii = Encoding.ASCII.GetBytes(name);
        byte[] header =
        [
            .. "-lh0-"u8, .. Four((uint)content.Length), .. Four((uint)content.Length), .. Four(DosTime), 0x20, 0, (byte)ascii.Length, .. ascii, .. Two(Crc16(content)),
        ];
        return [(byte)header.Length, (byte)header.Sum(value => value), .. header, .. content, 0];
    }

    /// <summary>RPM: a lead, two headers without entries, and the payload.</summary>
    public static byte[] Rpm(byte[] payload)
    {
        byte[] lead = new byte[96];
        ((byte[])[0xED, 0xAB, 0xEE, 0xDB, 3]).CopyTo(lead, 0);
        byte[] header = [0x8E, 0xAD, 0xE8, 1, .. new byte[12]];
        return [.. lead, .. header, .. header, .. payload];
    }

    private static byte[] VariableLength(int value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }
        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Two(ushort value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] Four(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static uint Crc(byte[] bytes) => Crc32.Append(0, bytes);

    private static ushort Crc16(byte[] bytes)
    {
        const int Polynomial = 0xA001;
        int crc = 0;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int i = 0; i < 8; i++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            }
        }
        return (ushort)crc;
    }
}
