using Kaleidofs.Drivers.Smb.Client.Security;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>How a session's messages are protected.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Signer">Signs what is sent and checks what comes; null in a session that has no key.</param>
/// <param name="Cipher">Encrypts, if anything is encrypted.</param>
internal sealed record SessionSecurity(ulong SessionId, MessageSigner? Signer, MessageCipher? Cipher)
{
    public static SessionSecurity None { get; } = new(0, null, null);
}
