namespace Kaleidofs.Drivers.Archive;

/// <summary>The kinds of archives.</summary>
internal enum ArchiveKind
{
    /// <summary>None that is known.</summary>
    None,
    /// <summary>A zip.</summary>
    Zip,
    /// <summary>A tar, plain or compressed.</summary>
    Tar,
    /// <summary>An ar, a Debian package among them.</summary>
    Ar,
    /// <summary>A cpio, of any form.</summary>
    Cpio,
    /// <summary>An image of an ISO 9660 volume.</summary>
    Iso9660,
    /// <summary>A 7z.</summary>
    SevenZip,
    /// <summary>A compressed file that holds no archive.</summary>
    Single,
}
