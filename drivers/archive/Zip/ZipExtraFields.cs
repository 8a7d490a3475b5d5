using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>The extra fields (APPNOTE 4.5, and Info-ZIP's proginfo/extrafld.txt) that say something about a file.</summary>
internal static class ZipExtraFields
{
    public const ushort Zip64 = 0x0001;
    public const ushort UnicodePath = 0x7075;
    private const ushort Ntfs = 0x000a;
    private const ushort ExtendedTimestamp = 0x5455;
    private const ushort OldUnix = 0x5855;
    private const ushort NewUnix = 0x7875;

    private const long NtfsTicksPerSecond = 10_000_000;
    /// <summary>Seconds from 1601, where NTFS begins to count, to 1970.</summary>
    private const long NtfsEpoch = 11_644_473_600;

    /// <summary>Finds a field by its number; one whose length is wrong ends the search.</summary>
    public static bool TryFind(ReadOnlySpan<byte> extra, ushort id, out ReadOnlySpan<byte> content)
    {
        while (TryTake(ref extra, out ushort found, out content))
        {
            if (found == id)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Finds a field that is there once: two readers could else take two different ones.</summary>
    public static bool TryFindOnly(ReadOnlySpan<byte> extra, ushort id, out ReadOnlySpan<byte> content)
        => TryFind(extra, id, out content) && Count(extra, id) == 1;

    /// <summary>How often a field is there.</summary>
    public static int Count(ReadOnlySpan<byte> extra, ushort id)
    {
        int count = 0;
        while (TryTake(ref extra, out ushort found, out _))
        {
            count += found == id ? 1 : 0;
        }
        return count;
    }

    /// <summary>The modification time: Info-ZIP's in seconds, with NTFS's fraction where both agree on the second; or either.</summary>
    public static bool TryGetModificationTime(ReadOnlySpan<byte> extra, out Timestamp time)
    {
        time = default;
        if (extra.IsEmpty)
        {
            return false;
        }
        bool hasUnix = TryGetUnixTime(extra, out int seconds);
        bool hasNtfs = TryGetNtfsTime(extra, out Timestamp ntfs);
        // Unix tools write 32 bits: after 2038 only their low ones agree.
        time = hasNtfs && (!hasUnix || (int)ntfs.Seconds == seconds) ? ntfs : new Timestamp(seconds);
        return hasUnix || hasNtfs;
    }

    /// <summary>The owner, by Info-ZIP's new Unix field (ids of any width up to 32 bits), or the old one where the directory has it whole.</summary>
    public static bool TryGetOwner(ReadOnlySpan<byte> extra, out uint userId, out uint groupId)
    {
        userId = 0;
        groupId = 0;
        if (extra.IsEmpty)
        {
            return false;
        }
        if (TryFind(extra, NewUnix, out ReadOnlySpan<byte> field) && field.Length > 0 && field[0] == 1)
        {
            field = field[1..];
            return TryTakeId(ref field, out userId) && TryTakeId(ref field, out groupId);
        }
        if (TryFind(extra, OldUnix, out field) && field.Length >= 12)
        {
            userId = BinaryPrimitives.ReadUInt16LittleEndian(field[8..]);
            groupId = BinaryPrimitives.ReadUInt16LittleEndian(field[10..]);
            return true;
        }
        return false;
    }

    /// <summary>The name in UTF-8, if it was made for the name that the header has: a tool that renamed the entry without knowing the field left an old one.</summary>
    public static bool TryGetUnicodePath(ReadOnlySpan<byte> extra, ReadOnlySpan<byte> headerName, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (extra.IsEmpty || !TryFind(extra, UnicodePath, out ReadOnlySpan<byte> field) || field.Length < 6 || field[0] != 1
            || BinaryPrimitives.ReadUInt32LittleEndian(field[1..]) != Deflate.Crc32.Append(0, headerName))
        {
            return false;
        }
        name = field[5..];
        return true;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> extra, out ushort id, out ReadOnlySpan<byte> content)
    {
        id = 0;
        content = default;
        if (extra.Length < 4 || BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]) > extra.Length - 4)
        {
            return false;
        }
        id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
        content = extra.Slice(4, BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]));
        extra = extra[(4 + content.Length)..];
        return true;
    }

    private static bool TryGetUnixTime(ReadOnlySpan<byte> extra, out int seconds)
    {
        if (TryFind(extra, ExtendedTimestamp, out ReadOnlySpan<byte> field) && field.Length >= 5 && (field[0] & 1) != 0)
        {
            seconds = BinaryPrimitives.ReadInt32LittleEndian(field[1..]);
            return true;
        }
        if (TryFind(extra, OldUnix, out field) && field.Length >= 8)
        {
            seconds = BinaryPrimitives.ReadInt32LittleEndian(field[4..]);
            return true;
        }
        seconds = 0;
        return false;
    }

    private static bool TryGetNtfsTime(ReadOnlySpan<byte> extra, out Timestamp time)
    {
        time = default;
        if (!TryFind(extra, Ntfs, out ReadOnlySpan<byte> field) || field.Length < 4
            || !TryFind(field[4..], 1, out ReadOnlySpan<byte> times) || times.Length < sizeof(long))
        {
            return false;
        }
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(times);
        if (ticks <= 0)
        {
            return false;
        }
        long seconds = Math.DivRem(ticks, NtfsTicksPerSecond, out long rest);
        time = new Timestamp(seconds - NtfsEpoch, (uint)(rest * 100));
        return true;
    }

    private static bool TryTakeId(ref ReadOnlySpan<byte> field, out uint id)
    {
        id = 0;
        if (field.IsEmpty || field[0] > field.Length - 1)
        {
            return false;
        }
        ReadOnlySpan<byte> bytes = field.Slice(1, field[0]);
        field = field[(1 + bytes.Length)..];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i >= sizeof(uint) && bytes[i] != 0)
            {
                return false;
            }
            id |= i < sizeof(uint) ? (uint)bytes[i] << (8 * i) : 0;
        }
        return true;
    }

    /// <summary>A field with its head.</summary>
    public static byte[] Make(ushort id, ReadOnlySpan<byte> content)
    {
        byte[] field = new byte[4 + content.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(field, id);
        BinaryPrimitives.WriteUInt16LittleEndian(field.AsSpan(2), (ushort)content.Length);
        content.CopyTo(field.AsSpan(4));
        return field;
    }

    /// <summary>Info-ZIP's field with the seconds, if it can hold them; NTFS's with what that loses.</summary>
    public static byte[] MakeModificationTime(Timestamp time)
    {
        bool isShort = time.Seconds is >= int.MinValue and <= int.MaxValue;
        Span<byte> unix = stackalloc byte[5];
        unix[0] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(unix[1..], (int)Math.Clamp(time.Seconds, int.MinValue, int.MaxValue));
        Span<byte> ntfs = stackalloc byte[32];
        ntfs.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(ntfs[4..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(ntfs[6..], 24);
        long seconds = Math.Clamp(time.Seconds + NtfsEpoch, 1, long.MaxValue / NtfsTicksPerSecond - 1);
        long ticks = (seconds * NtfsTicksPerSecond) + (time.Nanoseconds / 100);
        for (int i = 0; i < 3; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(ntfs[(8 + (i * sizeof(long)))..], ticks);
        }
        return [.. isShort ? Make(ExtendedTimestamp, unix) : [], .. time.Nanoseconds >= 100 || !isShort ? Make(Ntfs, ntfs) : []];
    }

    /// <summary>Info-ZIP's field with the owner's numbers.</summary>
    public static byte[] MakeOwner(uint userId, uint groupId)
    {
        Span<byte> content = stackalloc byte[11];
        content[0] = 1;
        content[1] = sizeof(uint);
        BinaryPrimitives.WriteUInt32LittleEndian(content[2..], userId);
        content[6] = sizeof(uint);
        BinaryPrimitives.WriteUInt32LittleEndian(content[7..], groupId);
        return Make(NewUnix, content);
    }
}
