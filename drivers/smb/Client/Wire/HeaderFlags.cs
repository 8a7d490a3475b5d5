namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>The flags of a message's header (MS-SMB2 2.2.1).</summary>
[Flags]
internal enum HeaderFlags : uint
{
    None = 0,
    /// <summary>It is an answer.</summary>
    Response = 1,
    /// <summary>The answer comes later; the header has a number to cancel it by, and no tree.</summary>
    Async = 2,
    /// <summary>It goes on with what the one before in the same compound opened.</summary>
    Related = 4,
    Signed = 8,
}
