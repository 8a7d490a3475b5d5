using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Kaleidofs.Exporting;

/// <summary>The headers of a tar's entry: POSIX's ustar, with PAX records before it for what has no room there (pax, IEEE Std 1003.1-2017).</summary>
/// <param name="hasGlobalRecords">Whether earlier records of the tar would stand for what is not told again.</param>
/// <param name="prefix">What the tar's names begin with.</param>
public sealed class TarHeaders(bool hasGlobalRecords = false, string prefix = "")
{
    /// <summary>Bytes of a block: headers and contents begin at a multiple of it.</summary>
    public const int BlockLength = 512;

    private const int NameLength = 100;
    private const long MaxOctal7 = 0x1FFFFF;
    private const long MaxOctal11 = 0x1FFFFFFFF;

    private readonly byte[] _prefix = Encoding.ASCII.GetBytes(prefix);

    /// <summary>Whether a tar can have an entry: it has no sockets.</summary>
    public static bool CanHold(ChangedEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.HardLinkTo is not null || (entry.Attributes.Mode & FileType.Mask) != FileType.Socket;
    }

    /// <summary>Whether an entry's content follows its headers.</summary>
    public static bool HasContent(ChangedEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.HardLinkTo is null && entry.Attributes.IsRegularFile;
    }

    /// <summary>All of its headers, in whole blocks.</summary>
    /// <param name="entry">The entry; one that <see cref="CanHold"/> says yes to.</param>
    public byte[] GetHeaders(ChangedEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Attributes attributes = entry.Attributes;
        byte type = GetType(entry);
        byte[] name = type == TarType.Directory ? [.. _prefix, .. entry.Path.Span, (byte)'/'] : [.. _prefix, .. entry.Path.Span];
        byte[] link = entry.HardLinkTo is { } other ? [.. _prefix, .. other.Span] : entry.LinkTarget.ToArray();
        long size = HasContent(entry) ? (long)attributes.Size : 0;
        Timestamp time = attributes.ModificationTime;
        using MemoryStream records = new();
        AddRecord(records, "path"u8, name, name.Length > NameLength);
        AddRecord(records, "linkpath"u8, link, link.Length > NameLength);
        AddRecord(records, "size"u8, Number(size), size > MaxOctal11);
        AddRecord(records, "uid"u8, Number(attributes.UserId), attributes.UserId > MaxOctal7 || hasGlobalRecords);
        AddRecord(records, "gid"u8, Number(attributes.GroupId), attributes.GroupId > MaxOctal7 || hasGlobalRecords);
        AddRecord(records, "mtime"u8, GetTime(time), time.Nanoseconds != 0 || time.Seconds is < 0 or > MaxOctal11 || hasGlobalRecords);
        if (type != TarType.HardLink)
        {
            foreach ((ReadOnlyMemory<byte> attribute, ReadOnlyMemory<byte> value) in entry.ExtendedAttributes)
            {
                AddRecord(records, [.. "SCHILY.xattr."u8, .. attribute.Span], value.Span, isNeeded: true);
            }
        }
        byte[] header = GetHeader(name, link, type, size, attributes);
        if (records.Length == 0)
        {
            return header;
        }
        byte[] paxName = [.. "./PaxHeaders/"u8, .. entry.Path.Span[(entry.Path.Span.LastIndexOf((byte)'/') + 1)..]];
        byte[] pax = GetHeader(paxName, [], TarType.PaxHeader, records.Length, new Attributes { Mode = 0x1A4, ModificationTime = time });
        byte[] padding = new byte[-records.Length & (BlockLength - 1)];
        return [.. pax, .. records.ToArray(), .. padding, .. header];
    }

    private static byte GetType(ChangedEntry entry) => entry.HardLinkTo is not null ? TarType.HardLink : (entry.Attributes.Mode & FileType.Mask) switch
    {
        FileType.Directory => TarType.Directory,
        FileType.SymbolicLink => TarType.SymbolicLink,
        FileType.CharacterDevice => TarType.CharacterDevice,
        FileType.BlockDevice => TarType.BlockDevice,
        FileType.Fifo => TarType.Fifo,
        _ => TarType.Regular,
    };

    private static byte[] GetHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> link, byte type, long size, in Attributes attributes)
    {
        byte[] header = new byte[BlockLength];
        Span<byte> block = header;
        name[..Math.Min(name.Length, NameLength)].CopyTo(block);
        link[..Math.Min(link.Length, NameLength)].CopyTo(block[157..]);
        WriteOctal(block.Slice(100, 8), attributes.Mode & 0xFFF);
        WriteOctal(block.Slice(108, 8), attributes.UserId > MaxOctal7 ? 0 : attributes.UserId);
        WriteOctal(block.Slice(116, 8), attributes.GroupId > MaxOctal7 ? 0 : attributes.GroupId);
        WriteOctal(block.Slice(124, 12), size > MaxOctal11 ? 0 : size);
        WriteOctal(block.Slice(136, 12), Math.Clamp(attributes.ModificationTime.Seconds, 0, MaxOctal11));
        block[156] = type;
        "ustar\000"u8.CopyTo(block[257..]);
        bool isDevice = type is TarType.CharacterDevice or TarType.BlockDevice;
        WriteOctal(block.Slice(329, 8), isDevice ? (attributes.DeviceId >> 8) & 0xFFF : 0);
        WriteOctal(block.Slice(337, 8), isDevice ? (attributes.DeviceId & 0xFF) | ((attributes.DeviceId >> 12) & ~0xFFu) : 0);
        block.Slice(148, 8).Fill((byte)' ');
        long sum = 0;
        foreach (byte value in header)
        {
            sum += value;
        }
        WriteOctal(block.Slice(148, 7), sum);
        return header;
    }

    /// <summary>Octal digits over the whole field but for a NUL at its end.</summary>
    private static void WriteOctal(Span<byte> field, long value)
    {
        field[^1] = 0;
        for (int i = field.Length - 2; i >= 0; i--, value >>= 3)
        {
            field[i] = (byte)('0' + (value & 7));
        }
    }

    /// <summary>"LENGTH KEY=VALUE\n", where the length counts itself.</summary>
    private static void AddRecord(MemoryStream records, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isNeeded)
    {
        if (!isNeeded)
        {
            return;
        }
        int rest = key.Length + value.Length + 3;
        int length = rest + Digits(rest);
        length = rest + Digits(length);
        records.Write(Number(length));
        records.WriteByte((byte)' ');
        records.Write(key);
        records.WriteByte((byte)'=');
        records.Write(value);
        records.WriteByte((byte)'\n');
    }

    private static int Digits(int value) => Number(value).Length;

    private static byte[] Number(long value)
    {
        Span<byte> text = stackalloc byte[24];
        _ = Utf8Formatter.TryFormat(value, text, out int length);
        return text[..length].ToArray();
    }

    /// <summary>Seconds with nine digits behind the point. Before 1970 the nanoseconds count forward all the same: -1.25 is 2 s before, 0.75 after.</summary>
    private static byte[] GetTime(Timestamp time)
    {
        decimal seconds = time.Seconds + (time.Nanoseconds / 1_000_000_000m);
        return Encoding.ASCII.GetBytes(seconds.ToString("0.#########", CultureInfo.InvariantCulture));
    }

    private static class TarType
    {
        public const byte Regular = (byte)'0';
        public const byte HardLink = (byte)'1';
        public const byte SymbolicLink = (byte)'2';
        public const byte CharacterDevice = (byte)'3';
        public const byte BlockDevice = (byte)'4';
        public const byte Directory = (byte)'5';
        public const byte Fifo = (byte)'6';
        public const byte PaxHeader = (byte)'x';
    }
}
