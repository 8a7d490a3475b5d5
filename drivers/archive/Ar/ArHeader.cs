namespace Kaleidofs.Drivers.Archive.Ar;

/// <summary>A member's header (ar(5)): fields of text, padded with spaces.</summary>
/// <param name="block">60 bytes.</param>
internal readonly ref struct ArHeader(ReadOnlySpan<byte> block)
{
    public const int Length = 60;

    /// <summary>Where <see cref="End"/> stands in a header.</summary>
    public const int EndOffset = 58;

    private const uint DefaultPermissions = 0x1A4;
    private const uint PermissionMask = 0xFFF;

    private readonly ReadOnlySpan<byte> _block = block;

    /// <summary>What each header ends with.</summary>
    public static ReadOnlySpan<byte> End => "`\n"u8;

    /// <summary>The name's field without its padding.</summary>
    public ReadOnlySpan<byte> Name => _block[..16].TrimEnd((byte)' ');

    /// <summary>The numbers that only describe; false if one of them is none. An empty field counts as 0, an empty mode as 0644.</summary>
    public bool TryGetAttributes(out long time, out uint userId, out uint groupId, out uint permissions)
    {
        bool isGood = TryParse(_block.Slice(16, 12), 10, out time);
        isGood &= TryParse(_block.Slice(28, 6), 10, out long user);
        isGood &= TryParse(_block.Slice(34, 6), 10, out long group);
        ReadOnlySpan<byte> mode = _block.Slice(40, 8);
        isGood &= TryParse(mode, 8, out long bits);
        userId = (uint)user;
        groupId = (uint)group;
        permissions = mode.ContainsAnyExcept((byte)' ') ? (uint)bits & PermissionMask : DefaultPermissions;
        return isGood;
    }

    /// <summary>The length of what follows; false if that is no number, or below zero.</summary>
    public bool TryGetSize(out long size) => TryParse(_block.Slice(48, 10), 10, out size) && size >= 0 && _block[48] is not (byte)' ';

    /// <summary>Whether this can be a header.</summary>
    public bool IsValid() => _block[EndOffset..].SequenceEqual(End) && TryGetSize(out _) && TryGetAttributes(out _, out _, out _, out _) && _block[0] > ' ';

    /// <summary>Reads a number that spaces, and nothing else, may follow.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, int radix, out long value)
    {
        field = field.TrimEnd((byte)' ');
        value = 0;
        bool isNegative = field.StartsWith("-"u8);
        foreach (byte digit in isNegative ? field[1..] : field)
        {
            if (digit < '0' || digit >= '0' + radix)
            {
                return false;
            }
            value = (value * radix) + digit - '0';
        }
        value = isNegative ? -value : value;
        return field.Length > (isNegative ? 1 : 0) || field.IsEmpty;
    }
}
