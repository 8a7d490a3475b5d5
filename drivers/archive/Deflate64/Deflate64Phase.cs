namespace Kaleidofs.Drivers.Archive.Deflate64;

/// <summary>What comes next in deflated data.</summary>
internal enum Deflate64Phase
{
    /// <summary>A block's header, or nothing after the last block.</summary>
    Header,
    /// <summary>Bytes as they are.</summary>
    Stored,
    /// <summary>Literals and repetitions.</summary>
    Symbols,
}
