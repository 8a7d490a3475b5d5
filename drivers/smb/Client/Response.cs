using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>An answer.</summary>
/// <param name="Status">What became of the request.</param>
/// <param name="Message">The whole message, header first; empty where the content went straight to where it was wanted.</param>
/// <param name="Count">How many bytes went there.</param>
internal readonly record struct Response(NtStatus Status, byte[] Message, int Count = 0)
{
    public static Response Failed(NtStatus status) => new(status, []);
}
