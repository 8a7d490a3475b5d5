namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>How to open (MS-SMB2 2.2.13).</summary>
[Flags]
internal enum CreateOptions : uint
{
    None = 0,
    Directory = 1,
    NonDirectory = 0x40,
    DeleteOnClose = 0x1000,
    /// <summary>A link itself, not what it leads to.</summary>
    OpenReparsePoint = 0x200000,
}
