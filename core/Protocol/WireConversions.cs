namespace Kaleidofs.Protocol;

/// <summary>Between the contract's types and the wire's.</summary>
internal static class WireConversions
{
    private const uint StatXBasic = 0x7ff;
    private const uint StatXBirthTime = 0x800;
    private const uint DefaultBlockSize = 4096;

    /// <summary>More seconds than any kernel counts in jiffies: for ever.</summary>
    private const ulong ForeverSeconds = 1UL << 40;

    public static void ToWire(this CacheTime time, out ulong seconds, out uint nanoseconds)
    {
        if (time.Milliseconds == uint.MaxValue)
        {
            seconds = ForeverSeconds;
            nanoseconds = 0;
            return;
        }
        (uint whole, uint rest) = Math.DivRem(time.Milliseconds, 1000);
        seconds = whole;
        nanoseconds = rest * 1_000_000;
    }

    public static void ToWire(this in Attributes attributes, out Attr wire) => wire = new Attr
    {
        Inode = attributes.Inode,
        Size = attributes.Size,
        Blocks = attributes.Blocks,
        AccessTime = (ulong)attributes.AccessTime.Seconds,
        ModificationTime = (ulong)attributes.ModificationTime.Seconds,
        ChangeTime = (ulong)attributes.ChangeTime.Seconds,
        AccessTimeNanoseconds = attributes.AccessTime.Nanoseconds,
        ModificationTimeNanoseconds = attributes.ModificationTime.Nanoseconds,
        ChangeTimeNanoseconds = attributes.ChangeTime.Nanoseconds,
        Mode = attributes.Mode,
        LinkCount = attributes.LinkCount,
        UserId = attributes.UserId,
        GroupId = attributes.GroupId,
        DeviceId = attributes.DeviceId,
        BlockSize = attributes.BlockSize == 0 ? DefaultBlockSize : attributes.BlockSize,
    };

    public static void ToWire(this in Entry entry, out EntryOut wire)
    {
        wire = new EntryOut { NodeId = entry.Attributes.Inode, Generation = entry.Generation };
        entry.NameTime.ToWire(out wire.EntryValid, out wire.EntryValidNanoseconds);
        entry.AttributeTime.ToWire(out wire.AttrValid, out wire.AttrValidNanoseconds);
        entry.Attributes.ToWire(out wire.Attr);
    }

    public static void ToWire(this in Attributes attributes, out StatX wire)
    {
        bool knowsBirth = attributes.BirthTime != default;
        wire = new StatX
        {
            Mask = knowsBirth ? StatXBasic | StatXBirthTime : StatXBasic,
            BlockSize = attributes.BlockSize == 0 ? DefaultBlockSize : attributes.BlockSize,
            LinkCount = attributes.LinkCount,
            UserId = attributes.UserId,
            GroupId = attributes.GroupId,
            Mode = (ushort)attributes.Mode,
            Inode = attributes.Inode,
            Size = attributes.Size,
            Blocks = attributes.Blocks,
            AccessTime = ToWire(attributes.AccessTime),
            BirthTime = ToWire(attributes.BirthTime),
            ChangeTime = ToWire(attributes.ChangeTime),
            ModificationTime = ToWire(attributes.ModificationTime),
            DeviceMajor = (attributes.DeviceId >> 8) & 0xfff,
            DeviceMinor = (attributes.DeviceId & 0xff) | ((attributes.DeviceId >> 12) & 0xfff00),
        };
    }

    public static void ToWire(this in FileSystemStatistics statistics, out KStatFs wire) => wire = new KStatFs
    {
        Blocks = statistics.Blocks,
        FreeBlocks = statistics.FreeBlocks,
        AvailableBlocks = statistics.AvailableBlocks,
        Files = statistics.Files,
        FreeFiles = statistics.FreeFiles,
        BlockSize = statistics.BlockSize,
        NameLength = statistics.NameLength,
        FragmentSize = statistics.FragmentSize,
    };

    public static AttributeChange ToChange(this in SetAttrIn wire)
    {
        AttrFlags valid = (AttrFlags)wire.Valid;
        bool Has(AttrFlags flag) => (valid & flag) != 0;
        return new AttributeChange
        {
            Mode = Has(AttrFlags.Mode) ? wire.Mode & ~FileType.Mask : null,
            UserId = Has(AttrFlags.UserId) ? wire.UserId : null,
            GroupId = Has(AttrFlags.GroupId) ? wire.GroupId : null,
            Size = Has(AttrFlags.Size) ? wire.Size : null,
            AccessTime = Has(AttrFlags.AccessTime) ? new Timestamp((long)wire.AccessTime, wire.AccessTimeNanoseconds) : null,
            ModificationTime = Has(AttrFlags.ModificationTime) ? new Timestamp((long)wire.ModificationTime, wire.ModificationTimeNanoseconds) : null,
            ChangeTime = Has(AttrFlags.ChangeTime) ? new Timestamp((long)wire.ChangeTime, wire.ChangeTimeNanoseconds) : null,
            AccessTimeNow = Has(AttrFlags.AccessTimeNow),
            ModificationTimeNow = Has(AttrFlags.ModificationTimeNow),
            Handle = Has(AttrFlags.Handle) ? wire.Handle : null,
        };
    }

    private static SxTime ToWire(Timestamp time) => new() { Seconds = time.Seconds, Nanoseconds = time.Nanoseconds };
}
