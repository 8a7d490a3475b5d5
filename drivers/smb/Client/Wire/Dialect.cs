namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>The versions of the protocol that are spoken (MS-SMB2 2.2.3).</summary>
internal enum Dialect : ushort
{
    None = 0,
    Smb210 = 0x0210,
    Smb300 = 0x0300,
    Smb302 = 0x0302,
    Smb311 = 0x0311,
}
