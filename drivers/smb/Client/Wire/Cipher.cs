namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What messages are encrypted with (MS-SMB2 2.2.3.1.2).</summary>
internal enum Cipher : ushort
{
    None = 0,
    Aes128Ccm = 1,
    Aes128Gcm = 2,
    Aes256Ccm = 3,
    Aes256Gcm = 4,
}
