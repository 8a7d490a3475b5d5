namespace Kaleidofs.Protocol;

/// <summary>struct fuse_in_header.</summary>
/// <remarks>
/// The structs here are those of linux/fuse.h, protocol 7.45, little endian and naturally aligned, under the kernel's names
/// without "fuse_"; MessagesTests holds every size against the kernel's.
/// </remarks>
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
