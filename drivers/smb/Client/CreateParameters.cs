using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>How a path is to be opened.</summary>
/// <param name="Access">What for.</param>
/// <param name="Disposition">What to do if it is there, or is not.</param>
/// <param name="Options">How.</param>
/// <param name="Attributes">Of a file that is made.</param>
internal readonly record struct CreateParameters(AccessMask Access, CreateDisposition Disposition = CreateDisposition.Open, CreateOptions Options = CreateOptions.None, SmbFileAttributes Attributes = SmbFileAttributes.Normal);
