namespace Kaleidofs.Protocol;

/// <summary>struct fuse_statx.</summary>
internal struct StatX
{
    public uint Mask;
    public uint BlockSize;
    public ulong FileAttributes;
    public uint LinkCount;
    public uint UserId;
    public uint GroupId;
    public ushort Mode;
    public ushort Spare0;
    public ulong Inode;
    public ulong Size;
    public ulong Blocks;
    public ulong FileAttributesMask;
    public SxTime AccessTime;
    public SxTime BirthTime;
    public SxTime ChangeTime;
    public SxTime ModificationTime;
    public uint DeviceMajor;
    public uint DeviceMinor;
    public uint FileSystemMajor;
    public uint FileSystemMinor;
    public StatXSpare Spare2;
}
