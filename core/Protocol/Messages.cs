using System.Runtime.InteropServices;

// The wire structs of linux/fuse.h, protocol 7.45, each under the kernel's name without "fuse_". All are little
// endian and naturally aligned; MessagesTests holds every size against the kernel's.
#pragma warning disable CS0649 // Filled from the wire.
namespace Kaleidofs.Protocol;

internal struct InHeader
{
    public uint Length;
    public Opcode Opcode;
    public ulong Unique;
    public ulong NodeId;
    public uint UserId;
    public uint GroupId;
    public uint ProcessId;
    public ushort ExtensionLength;
    public ushort Padding;
}

internal struct OutHeader
{
    public uint Length;
    public int Error;
    public ulong Unique;
}

internal struct Attr
{
    public ulong Inode;
    public ulong Size;
    public ulong Blocks;
    public ulong AccessTime;
    public ulong ModificationTime;
    public ulong ChangeTime;
    public uint AccessTimeNanoseconds;
    public uint ModificationTimeNanoseconds;
    public uint ChangeTimeNanoseconds;
    public uint Mode;
    public uint LinkCount;
    public uint UserId;
    public uint GroupId;
    public uint DeviceId;
    public uint BlockSize;
    public uint Flags;
}

internal struct EntryOut
{
    public ulong NodeId;
    public ulong Generation;
    public ulong EntryValid;
    public ulong AttrValid;
    public uint EntryValidNanoseconds;
    public uint AttrValidNanoseconds;
    public Attr Attr;
}

internal struct AttrOut
{
    public ulong AttrValid;
    public uint AttrValidNanoseconds;
    public uint Dummy;
    public Attr Attr;
}

internal struct SxTime
{
    public long Seconds;
    public uint Nanoseconds;
    public int Reserved;
}

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

[System.Runtime.CompilerServices.InlineArray(14)]
internal struct StatXSpare
{
    private ulong _first;
}

internal struct StatXOut
{
    public ulong AttrValid;
    public uint AttrValidNanoseconds;
    public uint Flags;
    public ulong Spare0;
    public ulong Spare1;
    public StatX Stat;
}

internal struct InitIn
{
    public uint Major;
    public uint Minor;
    public uint MaxReadAhead;
    public uint Flags;
    public uint Flags2;
    public InitInUnused Unused;
}

[System.Runtime.CompilerServices.InlineArray(11)]
internal struct InitInUnused
{
    private uint _first;
}

internal struct InitOut
{
    public uint Major;
    public uint Minor;
    public uint MaxReadAhead;
    public uint Flags;
    public ushort MaxBackground;
    public ushort CongestionThreshold;
    public uint MaxWrite;
    public uint TimeGranularity;
    public ushort MaxPages;
    public ushort MapAlignment;
    public uint Flags2;
    public uint MaxStackDepth;
    public ushort RequestTimeout;
    public InitOutUnused Unused;
}

[System.Runtime.CompilerServices.InlineArray(11)]
internal struct InitOutUnused
{
    private ushort _first;
}

internal struct InterruptIn
{
    public ulong Unique;
}

internal struct ForgetIn
{
    public ulong LookupCount;
}

internal struct BatchForgetIn
{
    public uint Count;
    public uint Dummy;
}

internal struct ForgetOne
{
    public ulong NodeId;
    public ulong LookupCount;
}

internal struct GetAttrIn
{
    public uint Flags;
    public uint Dummy;
    public ulong Handle;
}

internal struct StatXIn
{
    public uint Flags;
    public uint Reserved;
    public ulong Handle;
    public uint StatXFlags;
    public uint StatXMask;
}

internal struct AccessIn
{
    public uint Mask;
    public uint Padding;
}

internal struct KStatFs
{
    public ulong Blocks;
    public ulong FreeBlocks;
    public ulong AvailableBlocks;
    public ulong Files;
    public ulong FreeFiles;
    public uint BlockSize;
    public uint NameLength;
    public uint FragmentSize;
    public uint Padding;
    public KStatFsSpare Spare;
}

[System.Runtime.CompilerServices.InlineArray(6)]
internal struct KStatFsSpare
{
    private uint _first;
}

internal struct GetXAttrIn
{
    public uint Size;
    public uint Padding;
}

internal struct GetXAttrOut
{
    public uint Size;
    public uint Padding;
}

internal struct SetXAttrIn
{
    public uint Size;
    public uint Flags;
}

internal struct OpenIn
{
    public uint Flags;
    public uint OpenFlags;
}

internal struct OpenOut
{
    public ulong Handle;
    public uint OpenFlags;
    public int BackingId;
}

internal struct ReadIn
{
    public ulong Handle;
    public ulong Offset;
    public uint Size;
    public uint ReadFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Padding;
}

internal struct WriteIn
{
    public ulong Handle;
    public ulong Offset;
    public uint Size;
    public uint WriteFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Padding;
}

internal struct WriteOut
{
    public uint Size;
    public uint Padding;
}

internal struct LSeekIn
{
    public ulong Handle;
    public ulong Offset;
    public uint Whence;
    public uint Padding;
}

internal struct LSeekOut
{
    public ulong Offset;
}

internal struct FlushIn
{
    public ulong Handle;
    public uint Unused;
    public uint Padding;
    public ulong LockOwner;
}

internal struct ReleaseIn
{
    public ulong Handle;
    public uint Flags;
    public uint ReleaseFlags;
    public ulong LockOwner;
}

internal struct FSyncIn
{
    public ulong Handle;
    public uint Flags;
    public uint Padding;
}

internal struct SyncFsIn
{
    public ulong Padding;
}

internal struct SetAttrIn
{
    public uint Valid;
    public uint Padding;
    public ulong Handle;
    public ulong Size;
    public ulong LockOwner;
    public ulong AccessTime;
    public ulong ModificationTime;
    public ulong ChangeTime;
    public uint AccessTimeNanoseconds;
    public uint ModificationTimeNanoseconds;
    public uint ChangeTimeNanoseconds;
    public uint Mode;
    public uint Unused4;
    public uint UserId;
    public uint GroupId;
    public uint Unused5;
}

internal struct MkNodIn
{
    public uint Mode;
    public uint DeviceId;
    public uint UMask;
    public uint Padding;
}

internal struct MkDirIn
{
    public uint Mode;
    public uint UMask;
}

internal struct LinkIn
{
    public ulong OldNodeId;
}

internal struct RenameIn
{
    public ulong NewDirectory;
}

internal struct Rename2In
{
    public ulong NewDirectory;
    public uint Flags;
    public uint Padding;
}

internal struct CreateIn
{
    public uint Flags;
    public uint Mode;
    public uint UMask;
    public uint OpenFlags;
}

internal struct CreateOut
{
    public EntryOut Entry;
    public OpenOut Open;
}

internal struct FAllocateIn
{
    public ulong Handle;
    public ulong Offset;
    public ulong Length;
    public uint Mode;
    public uint Padding;
}

internal struct CopyFileRangeIn
{
    public ulong Handle;
    public ulong Offset;
    public ulong ToNodeId;
    public ulong ToHandle;
    public ulong ToOffset;
    public ulong Length;
    public ulong Flags;
}

internal struct CopyFileRangeOut
{
    public ulong Copied;
}

/// <summary>struct fuse_dirent; the name follows, padded to 8 bytes.</summary>
internal struct DirEnt
{
    public const int Alignment = 8;

    public ulong Inode;
    public ulong Offset;
    public uint NameLength;
    public uint Type;
}

[StructLayout(LayoutKind.Sequential)]
internal struct DirEntPlus
{
    public EntryOut Entry;
    public DirEnt DirEnt;
}
