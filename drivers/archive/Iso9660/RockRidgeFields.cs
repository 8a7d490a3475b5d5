namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>The fields of Rock Ridge, each read into an entry.</summary>
internal static class RockRidgeFields
{
    /// <summary>Takes a field; false if it is damaged. What is not known says nothing.</summary>
    public static bool TryRead(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> content, RockRidgeEntry entry)
    {
        bool? isGood = signature switch
        {
            [(byte)'P', (byte)'X'] => TryReadAttributes(content, entry),
            [(byte)'N', (byte)'M'] => TryReadName(content, entry),
            [(byte)'S', (byte)'L'] => TryReadTarget(content, entry),
            [(byte)'T', (byte)'F'] => TryReadTimes(content, entry),
            [(byte)'P', (byte)'N'] => TryReadDevice(content, entry),
            [(byte)'C', (byte)'L'] => TryReadChild(content, entry),
            [(byte)'R', (byte)'E'] => entry.IsRelocated = true,
            [(byte)'Z', (byte)'F'] => TryReadCompression(content, entry),
            // The parent of a directory that stands elsewhere is known from where it belongs.
            [(byte)'P', (byte)'L'] or [(byte)'R', (byte)'R'] => true,
            [(byte)'E', (byte)'R'] => IsRockRidge(content) ? true : null,
            _ => null,
        };
        entry.IsPresent |= isGood is not null;
        return isGood ?? true;
    }

    /// <summary>Whether an extension is this one: there are others of the protocol.</summary>
    private static bool IsRockRidge(ReadOnlySpan<byte> content)
        => content.Length > 4 && content[4..] is var name && (name.StartsWith("RRIP_1991A"u8) || name.StartsWith("IEEE_P1282"u8) || name.StartsWith("IEEE_1282"u8));

    private static bool TryReadAttributes(ReadOnlySpan<byte> content, RockRidgeEntry entry)
    {
        const int OldLength = 32;
        Span<uint> numbers = stackalloc uint[5];
        bool isGood = content.Length >= OldLength;
        for (int i = 0; isGood && i < numbers.Length && content.Length >= (i + 1) * 8; i++)
        {
            isGood = IsoFormat.TryReadBoth32(content[(i * 8)..], out numbers[i]);
        }
        if (isGood)
        {
            entry.Mode = numbers[0];
            entry.LinkCount = numbers[1];
            entry.UserId = numbers[2];
            entry.GroupId = numbers[3];
            entry.SerialNumber = numbers[4];
        }
        return isGood;
    }

    private static bool TryReadName(ReadOnlySpan<byte> content, RockRidgeEntry entry)
    {
        const byte Special = 0x06;
        if (content.IsEmpty)
        {
            return false;
        }
        if ((content[0] & Special) == 0)
        {
            entry.AppendName(content[1..]);
        }
        return true;
    }

    /// <summary>A target's components, each with flags and length. One may go on in the next, as may all in the next field.</summary>
    private static bool TryReadTarget(ReadOnlySpan<byte> content, RockRidgeEntry entry)
    {
        const byte GoesOn = 0x01;
        if (content.IsEmpty)
        {
            return false;
        }
        for (ReadOnlySpan<byte> rest = content[1..]; !rest.IsEmpty;)
        {
            if (rest.Length < 2 || rest.Length < 2 + rest[1])
            {
                return false;
            }
            byte flags = rest[0];
            ReadOnlySpan<byte> text = rest.Slice(2, rest[1]);
            rest = rest[(2 + text.Length)..];
            switch (flags & ~GoesOn)
            {
                case 0x00:
                    entry.AppendTarget(text);
                    break;
                case 0x02:
                    entry.AppendTarget("."u8);
                    break;
                case 0x04:
                    entry.AppendTarget(".."u8);
                    break;
                case 0x08:
                    entry.AppendTarget("/"u8);
                    break;
                default:
                    return false;
            }
            entry.IsTargetOpen = (flags & GoesOn) != 0;
        }
        return true;
    }

    private static bool TryReadTimes(ReadOnlySpan<byte> content, RockRidgeEntry entry)
    {
        const byte LongForm = 0x80;
        const int Kinds = 7;
        if (content.IsEmpty)
        {
            return false;
        }
        byte flags = content[0];
        int length = (flags & LongForm) != 0 ? IsoTime.LongLength : IsoTime.ShortLength;
        content = content[1..];
        for (int kind = 0; kind < Kinds; kind++)
        {
            if ((flags & (1 << kind)) == 0)
            {
                continue;
            }
            if (content.Length < length)
            {
                return false;
            }
            Timestamp time = length == IsoTime.LongLength ? IsoTime.ReadLong(content) : IsoTime.ReadShort(content);
            content = content[length..];
            switch (kind)
            {
                case 1:
                    entry.ModificationTime = time;
                    break;
                case 2:
                    entry.AccessTime = time;
                    break;
                case 3:
                    entry.ChangeTime = time;
                    break;
                default:
                    break;
            }
        }
        return true;
    }

    private static bool TryReadDevice(ReadOnlySpan<byte> content, RockRidgeEntry entry)
    {
        if (content.Length < 16 || !IsoFormat.TryReadBoth32(content, out uint high) || !IsoFormat.TryReadBoth32(content[8..], out uint low))
        {
            return false;
        }
        // Some have all of an old, short number in the lower half.
        (uint major, uint minor) = high == 0 && low > 0xFF ? (low >> 8, low & 0xFF) : (high, low);
        entry.Device = (minor & 0xFF) | (major << 8) | ((minor & ~0xFFu) << 12);
        return true;
    }

    private static bool TryReadChild(ReadOnlySpan<byte> content, RockRidgeEntry entry)
    {
        if (content.Length < 8 || !IsoFormat.TryReadBoth32(content, out uint block))
        {
            return false;
        }
        entry.ChildBlock = block;
        return true;
    }

    private static bool TryReadCompression(ReadOnlySpan<byte> content, RockRidgeEntry entry)
    {
        if (content.Length < 12 || !IsoFormat.TryReadBoth32(content[4..], out uint size))
        {
            return false;
        }
        entry.CompressedSize = size;
        return true;
    }
}
