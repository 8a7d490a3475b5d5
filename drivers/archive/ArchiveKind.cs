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
    /// <summary>A compressed file that holds no archive.</summary>
    Single,
}
