namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>What a client insists on.</summary>
internal enum MessageProtection
{
    /// <summary>Encryption where the server can, signing where it cannot.</summary>
    Best,
    /// <summary>Encryption, or nothing.</summary>
    Encrypt,
    /// <summary>Signing; encryption only if the server demands it.</summary>
    Sign,
    /// <summary>What the server demands, and no more.</summary>
    None,
}
