namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What to do about a file that is there, or is not (MS-SMB2 2.2.13).</summary>
internal enum CreateDisposition : uint
{
    /// <summary>It must be there.</summary>
    Open = 1,
    /// <summary>It must not be there.</summary>
    Create = 2,
    OpenOrCreate = 3,
    /// <summary>It must be there, and is emptied.</summary>
    Overwrite = 4,
    OverwriteOrCreate = 5,
}
