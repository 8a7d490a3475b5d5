using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Writes tars block by block, so that tests can write what no tool would.</summary>
internal sealed class TarWriter
{
    private readonly List<byte> _file = [];

    public int Position => _file.Count;

    public TarWriter Add(string name, string content = "", char type = '0', string linkName = "", string mode = "0000644", string? size = null, string magic = "ustar\0" + "00", Action<byte[]>? change = null)
        => Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(content), type, linkName, mode, size, magic, change);

    public TarWriter Add(byte[] name, byte[] content, char type = '0', string linkName = "", string mode = "0000644", string? size = null, string magic = "ustar\0" + "00", Action<byte[]>? change = null)
    {
        byte[] header = new byte[512];
        name.AsSpan(0, Math.Min(name.Length, 100)).CopyTo(header);
        Put(header, 100, mode);
        Put(header, 108, "0001750");
        Put(header, 116, "0001751");
        Put(header, 124, size ?? Octal(content.Length));
        Put(header, 136, "14747164622");
        header[156] = (byte)type;
        Put(header, 157, linkName);
        Put(header, 257, magic);
        change?.Invoke(header);
        SetChecksum(header);
        _file.AddRange(header);
        AddPadded(content);
        return this;
    }

    public TarWriter AddPax(params (string Key, string Value)[] records) => AddPax('x', records);

    public TarWriter AddPax(char type, params (string Key, string Value)[] records)
        => Add("pax"u8.ToArray(), [.. records.SelectMany(record => PaxRecord(record.Key, record.Value))], type);

    public TarWriter AddPadded(ReadOnlySpan<byte> content)
    {
        _file.AddRange(content);
        _file.AddRange(new byte[-content.Length & 511]);
        return this;
    }

    public TarWriter AddZeroBlock()
    {
        _file.AddRange(new byte[512]);
        return this;
    }

    public byte[] ToArray() => [.. _file, .. new byte[1024]];

    public byte[] ToArrayWithoutEnd() => [.. _file];

    public static byte[] Gzip(byte[] content, CompressionLevel level = CompressionLevel.Optimal)
    {
        MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, level, leaveOpen: true))
        {
            gzip.Write(content);
        }
        return compressed.ToArray();
    }

    public static byte[] PaxRecord(string key, string value)
    {
        int length = Encoding.UTF8.GetByteCount($" {key}={value}\n");
        int total = length + 1;
        while (total != length + total.ToString(CultureInfo.InvariantCulture).Length)
        {
            total = length + total.ToString(CultureInfo.InvariantCulture).Length;
        }
        return Encoding.UTF8.GetBytes($"{total} {key}={value}\n");
    }

    public static void Put(byte[] header, int offset, string text) => Encoding.Latin1.GetBytes(text, header.AsSpan(offset));

    public static string Octal(long value) => Convert.ToString(value, 8).PadLeft(11, '0');

    private static void SetChecksum(byte[] header)
    {
        Put(header, 148, "        ");
        Put(header, 148, Convert.ToString(header.Sum(value => value), 8).PadLeft(6, '0') + "\0 ");
    }
}
