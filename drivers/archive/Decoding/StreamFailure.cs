namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Why decoding stopped.</summary>
internal enum StreamFailure
{
    /// <summary>It did not.</summary>
    None,
    /// <summary>What stands there is not what the codec writes.</summary>
    Damaged,
    /// <summary>The data goes on where the file has ended.</summary>
    CutOff,
    /// <summary>A checksum or length in the data differs from what came out of it.</summary>
    WrongChecksum,
    /// <summary>The file could not be read.</summary>
    Unreadable,
    /// <summary>It would take more memory than a decoder may have.</summary>
    TooLarge,
}
