namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Which streams' blocks are kept in the cache's tier on disk once they are decoded (<c>-o transcode=</c>).</summary>
internal enum TranscodeMode
{
    /// <summary>Those that have no seek points of their own, or few.</summary>
    Auto,
    /// <summary>All that are decoded.</summary>
    On,
    /// <summary>None.</summary>
    Off,
}
