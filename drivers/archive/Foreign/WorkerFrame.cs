namespace Kaleidofs.Drivers.Archive.Foreign;

/// <summary>What the worker sends: a byte for the kind, four for the length (little-endian), and so many bytes.</summary>
internal enum WorkerFrame : byte
{
    /// <summary>The next bytes of the tar.</summary>
    Data = 1,
    /// <summary>How far it has come in the archive: eight bytes.</summary>
    Position = 2,
    /// <summary>The content that is under way, or just begins, cannot be read further: zeros stand for the rest. The reason.</summary>
    Damage = 3,
    /// <summary>An entry that is not in the tar at all, and why.</summary>
    Omission = 4,
    /// <summary>There is no more, and this is why.</summary>
    Failure = 5,
}
