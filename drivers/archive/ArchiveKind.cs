namespace Kaleidofs.Drivers.Archive;

/// <summary>The kinds of archives.</summary>
internal enum ArchiveKind
{
    /// <summary>None that is known.</summary>
    None,
    /// <summary>A zip.</summary>
    Zip,
    /// <summary>A plain tar.</summary>
    Tar,
    /// <summary>A tar in gzip members.</summary>
    GzippedTar,
}
