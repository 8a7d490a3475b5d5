namespace Kaleidofs.Drivers.Archive.Inflate;

/// <summary>Why decoding stopped.</summary>
internal enum InflateFailure
{
    /// <summary>It did not.</summary>
    None,
    /// <summary>What stands there is no deflated data, or no gzip member.</summary>
    Damaged,
    /// <summary>The data goes on where the file has ended.</summary>
    CutOff,
    /// <summary>A gzip member's checksum or length differs from what came out of it.</summary>
    WrongChecksum,
    /// <summary>The file could not be read.</summary>
    Unreadable,
}
