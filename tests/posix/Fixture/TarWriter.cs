using System.Globalization;
using System.Text;

namespace Kaleidofs.Tests.Posix;

/// <summary>
/// Writes PAX archives (POSIX.1-2017, pax, "pax Interchange Format"), also such as no library writes:
/// names that are not UTF-8, sparse files, times before 1970.
/// </summary>
internal sealed class TarWriter(Stream output) : IDisposable
{
    public void Add(TarEntry entry)
    {
        string name = entry.Name;
        byte[] data = entry.Data;
        var records = new List<(string Key, string Value)> { ("mtime", entry.ModificationTime) };
        records.AddRange(entry.Records);
        if (entry.User > 0x1FFFFF)
            records.Add(("uid", entry.User.ToString(CultureInfo.InvariantCulture)));
        if (entry.Extents is { } extents)
        {
            records.Add(("GNU.sparse.major", "1"));
            records.Add(("GNU.sparse.minor", "0"));
            records.Add(("GNU.sparse.name", name));
            records.Add(("GNU.sparse.realsize", entry.SparseSize.ToString(CultureInfo.InvariantCulture)));
            name = "GNUSparseFile.0/" + name;
            string map = string.Concat(extents.Select(extent => $"{extent.Offset}\n{extent.Length}\n"));
            data = [.. Padded(Encoding.ASCII.GetBytes($"{extents.Count}\n{map}")), .. data];
        }
        if (name.Length > 100)
            records.Add(("path", name));
        if (entry.Target.Length > 100)
            records.Add(("linkpath", entry.Target));
        byte[] pax = [.. records.SelectMany(Record)];
        WriteHeader(new TarEntry("PaxHeaders/" + name.Length.ToString(CultureInfo.InvariantCulture), 'x'), pax.Length, 0);
        WriteData(pax);
        WriteHeader(entry with { Name = name }, data.Length, Seconds(entry.ModificationTime));
        WriteData(data);
    }

    public void Dispose() => output.Write(new byte[1024]);

    private static long Seconds(string time) =>
        Math.Clamp((long)Math.Floor(decimal.Parse(time, CultureInfo.InvariantCulture)), 0, 0x1FFFFFFFF);

    /// <summary>"LENGTH KEY=VALUE\n", where the length counts its own digits.</summary>
    private static byte[] Record((string Key, string Value) record)
    {
        int rest = record.Key.Length + record.Value.Length + 3;
        int length = rest + 1;
        while (length != rest + length.ToString(CultureInfo.InvariantCulture).Length)
            length = rest + length.ToString(CultureInfo.InvariantCulture).Length;
        return Encoding.Latin1.GetBytes($"{length} {record.Key}={record.Value}\n");
    }

    private void WriteHeader(TarEntry entry, long size, long time)
    {
        byte[] header = new byte[512];
        Text(header, 0, 100, entry.Name);
        Octal(header, 100, 8, entry.Mode);
        Octal(header, 108, 8, Math.Min(entry.User, 0x1FFFFF));
        Octal(header, 116, 8, entry.Group);
        Octal(header, 124, 12, size);
        Octal(header, 136, 12, time);
        header.AsSpan(148, 8).Fill((byte)' ');
        header[156] = (byte)entry.Type;
        Text(header, 157, 100, entry.Target);
        Text(header, 257, 8, "ustar\0" + "00");
        Octal(header, 329, 8, entry.Major);
        Octal(header, 337, 8, entry.Minor);
        int sum = 0;
        foreach (byte value in header)
            sum += value;
        Octal(header, 148, 7, sum);
        output.Write(header);
    }

    private void WriteData(byte[] data) => output.Write(Padded(data));

    private static byte[] Padded(byte[] data) => [.. data, .. new byte[(512 - data.Length % 512) % 512]];

    private static void Text(byte[] header, int at, int length, string text) =>
        Encoding.Latin1.GetBytes(text.Length <= length ? text : text[..length]).CopyTo(header, at);

    private static void Octal(byte[] header, int at, int length, long value) =>
        Text(header, at, length, Convert.ToString(value, 8).PadLeft(length - 1, '0'));
}
