namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Which stored entries are compared with their checksum before the first of their bytes is served (<c>-o verify=</c>).</summary>
internal enum StoredVerification
{
    /// <summary>None.</summary>
    None,
    /// <summary>Those that take a moment only.</summary>
    Small,
    /// <summary>All: the first read of a long one waits until it was read whole.</summary>
    All,
}
