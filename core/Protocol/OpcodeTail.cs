namespace Kaleidofs.Protocol;

/// <summary>What may follow a request's struct and names.</summary>
internal enum OpcodeTail
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Bytes that are copied out with the header (an xattr's value; what a newer kernel's INIT adds).</summary>
    Copied,

    /// <summary>Bytes that stay in guest memory until the driver, or the engine, reads each of them once.</summary>
    InPlace,
}
