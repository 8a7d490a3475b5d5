namespace Kaleidofs;

/// <summary>The answer to an open: the driver's handle, and what the kernel's page cache may do with the content.</summary>
/// <param name="Handle">Chosen by the driver, given back with every read and at release.</param>
/// <param name="Options">Caching.</param>
public readonly record struct OpenedFile(ulong Handle, OpenOptions Options = OpenOptions.None);
