namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>A file's attributes (MS-FSCC 2.6).</summary>
[Flags]
internal enum SmbFileAttributes : uint
{
    None = 0,
    ReadOnly = 1,
    Hidden = 2,
    System = 4,
    Directory = 0x10,
    Archive = 0x20,
    Normal = 0x80,
    Sparse = 0x200,
    ReparsePoint = 0x400,
}
