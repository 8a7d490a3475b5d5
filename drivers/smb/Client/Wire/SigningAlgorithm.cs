namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What messages are signed with (MS-SMB2 2.2.3.1.7).</summary>
internal enum SigningAlgorithm : ushort
{
    HmacSha256 = 0,
    AesCmac = 1,
    AesGmac = 2,
}
