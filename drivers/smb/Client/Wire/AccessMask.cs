namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What a handle may be used for (MS-SMB2 2.2.13.1).</summary>
[Flags]
internal enum AccessMask : uint
{
    None = 0,
    /// <summary>Read content; of a directory, list it.</summary>
    ReadData = 1,
    /// <summary>Write content; in a directory, make files.</summary>
    WriteData = 2,
    ReadExtendedAttributes = 8,
    WriteExtendedAttributes = 0x10,
    ReadAttributes = 0x80,
    WriteAttributes = 0x100,
    Delete = 0x10000,
    Synchronize = 0x100000,
}
