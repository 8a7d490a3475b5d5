namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What a side can do (MS-SMB2 2.2.3).</summary>
[Flags]
internal enum Capabilities : uint
{
    None = 0,
    Dfs = 1,
    Leasing = 2,
    LargeMtu = 4,
    MultiChannel = 8,
    PersistentHandles = 0x10,
    DirectoryLeasing = 0x20,
    Encryption = 0x40,
}
