namespace Kaleidofs.Protocol;

/// <summary>struct fuse_setattr_in.</summary>
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
