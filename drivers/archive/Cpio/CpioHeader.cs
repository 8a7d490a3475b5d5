using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Cpio;

/// <summary>A header of any form (cpio(5)), read into numbers.</summary>
internal struct CpioHeader
{
    /// <summary>The longest header, without its name.</summary>
    public const int MaxLength = NewLength;

    /// <summary>The longest name with its NUL: no path that Linux takes is longer (PATH_MAX).</summary>
    public const int MaxNameLength = 4096;

    private const int NewLength = 110;
    private const int PortableLength = 76;
    private const int BinaryLength = 26;
    private const ushort BinaryMagic = 0x71C7;
    private const int MagicLength = 6;

    public CpioForm Form;
    public uint Mode;
    public uint UserId;
    public uint GroupId;
    public uint LinkCount;
    public long ModificationTime;
    public long Size;
    public uint DeviceMajor;
    public uint DeviceMinor;
    public int NameLength;
    public uint Sum;

    /// <summary>What tells files apart that have several names: device and inode number.</summary>
    public (ulong Device, ulong Inode) Identity;

    /// <summary>The header's length without the name.</summary>
    public readonly int Length => GetLength(Form);

    /// <summary>The number that name (with header) and content are padded to a multiple of.</summary>
    public readonly int Alignment => Form switch
    {
        CpioForm.New or CpioForm.NewWithSum => 4,
        CpioForm.Portable => 1,
        _ => 2,
    };

    /// <summary>The device's number in the kernel's encoding.</summary>
    public readonly uint Device => (DeviceMinor & 0xFF) | (DeviceMajor << 8) | ((DeviceMinor & ~0xFFu) << 12);

    /// <summary>The name of what ends an archive. Its mode is 0.</summary>
    public static ReadOnlySpan<byte> Trailer => "TRAILER!!!"u8;

    /// <summary>Whether it says no type in a form whose two bytes of magic are not much: then only the end mark's name makes it a header.</summary>
    private readonly bool LacksType => Form is CpioForm.LittleEndian or CpioForm.BigEndian && (Mode & FileType.Mask) == 0;

    /// <summary>Whether these bytes begin a cpio.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head)
    {
        if (!TryParse(head, out CpioHeader header))
        {
            return false;
        }
        ReadOnlySpan<byte> rest = head[header.Length..];
        // The old form's magic has two bytes, which also begin other things: there the name must be one.
        return rest.Length < header.NameLength ? !header.LacksType
            : rest[..header.NameLength].IndexOf((byte)0) == header.NameLength - 1 && header.CanHave(rest[..header.NameLength]);
    }

    /// <summary>Whether what stands behind this header, as long as the name with its NUL, can be that.</summary>
    public readonly bool CanHave(ReadOnlySpan<byte> name) => name[^1] == 0 && (!LacksType || name[..^1].SequenceEqual(Trailer));

    /// <summary>The form of a header that begins so, by its magic.</summary>
    public static CpioForm GetForm(ReadOnlySpan<byte> head)
        => head.StartsWith("070701"u8) ? CpioForm.New
            : head.StartsWith("070702"u8) ? CpioForm.NewWithSum
            : head.StartsWith("070707"u8) ? CpioForm.Portable
            : head.Length < sizeof(ushort) ? CpioForm.None
            : BinaryPrimitives.ReadUInt16LittleEndian(head) == BinaryMagic ? CpioForm.LittleEndian
            : BinaryPrimitives.ReadUInt16BigEndian(head) == BinaryMagic ? CpioForm.BigEndian
            : CpioForm.None;

    /// <summary>The length of a form's headers, without the names.</summary>
    public static int GetLength(CpioForm form) => form switch
    {
        CpioForm.New or CpioForm.NewWithSum => NewLength,
        CpioForm.Portable => PortableLength,
        _ => BinaryLength,
    };

    /// <summary>The bytes that all headers of a form begin with.</summary>
    public static ReadOnlySpan<byte> GetMagic(CpioForm form) => form switch
    {
        CpioForm.LittleEndian => [0xC7, 0x71],
        CpioForm.BigEndian => [0x71, 0xC7],
        _ => "0707"u8,
    };

    /// <summary>Reads a header; false if it is none, has not all its bytes, or no name.</summary>
    public static bool TryParse(ReadOnlySpan<byte> block, out CpioHeader header)
    {
        header = new CpioHeader { Form = GetForm(block) };
        if (header.Form == CpioForm.None || block.Length < header.Length)
        {
            return false;
        }
        bool isGood = header.Form switch
        {
            CpioForm.New or CpioForm.NewWithSum => header.TryParseNew(block),
            CpioForm.Portable => header.TryParsePortable(block),
            _ => header.TryParseBinary(block),
        };
        return isGood && header.NameLength is > 0 and <= MaxNameLength;
    }

    private bool TryParseNew(ReadOnlySpan<byte> block)
    {
        const int Digits = 8;
        Span<uint> fields = stackalloc uint[(NewLength - MagicLength) / Digits];
        for (int i = 0; i < fields.Length; i++)
        {
            if (!TryParse(block.Slice(MagicLength + (i * Digits), Digits), 16, out long value))
            {
                return false;
            }
            fields[i] = (uint)value;
        }
        Identity = (((ulong)fields[7] << 32) | fields[8], fields[0]);
        Mode = fields[1];
        UserId = fields[2];
        GroupId = fields[3];
        LinkCount = fields[4];
        ModificationTime = fields[5];
        Size = fields[6];
        DeviceMajor = fields[9];
        DeviceMinor = fields[10];
        NameLength = (int)Math.Min(fields[11], int.MaxValue);
        Sum = fields[12];
        return true;
    }

    private bool TryParsePortable(ReadOnlySpan<byte> block)
    {
        const int Digits = 6;
        const int LongDigits = 11;
        Span<uint> fields = stackalloc uint[7];
        for (int i = 0; i < fields.Length; i++)
        {
            if (!TryParse(block.Slice(MagicLength + (i * Digits), Digits), 8, out long value))
            {
                return false;
            }
            fields[i] = (uint)value;
        }
        bool isGood = TryParse(block.Slice(48, LongDigits), 8, out ModificationTime);
        isGood &= TryParse(block.Slice(59, Digits), 8, out long nameLength);
        isGood &= TryParse(block.Slice(65, LongDigits), 8, out Size);
        NameLength = (int)nameLength;
        Set(fields);
        return isGood;
    }

    /// <summary>Numbers of 16 bits; of those with 32 the upper half comes first, whatever the machine.</summary>
    private bool TryParseBinary(ReadOnlySpan<byte> block)
    {
        Span<uint> fields = stackalloc uint[BinaryLength / sizeof(ushort)];
        for (int i = 0; i < fields.Length; i++)
        {
            ReadOnlySpan<byte> field = block[(i * sizeof(ushort))..];
            fields[i] = Form == CpioForm.LittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(field) : BinaryPrimitives.ReadUInt16BigEndian(field);
        }
        Set(fields[1..8]);
        ModificationTime = (fields[8] << 16) | fields[9];
        NameLength = (int)fields[10];
        Size = (fields[11] << 16) | fields[12];
        return (Mode & FileType.Mask) is 0 or FileType.Regular or FileType.Directory or FileType.SymbolicLink
            or FileType.CharacterDevice or FileType.BlockDevice or FileType.Fifo or FileType.Socket;
    }

    private void Set(ReadOnlySpan<uint> fields)
    {
        Identity = (fields[0], fields[1]);
        Mode = fields[2];
        UserId = fields[3];
        GroupId = fields[4];
        LinkCount = fields[5];
        DeviceMajor = fields[6] >> 8;
        DeviceMinor = fields[6] & 0xFF;
    }

    private static bool TryParse(ReadOnlySpan<byte> digits, int radix, out long value)
    {
        value = 0;
        foreach (byte digit in digits)
        {
            int number = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
                _ => radix,
            };
            if (number >= radix)
            {
                return false;
            }
            value = (value * radix) + number;
        }
        return true;
    }
}
