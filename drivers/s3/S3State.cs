using Kaleidofs.Drivers.S3.Client;

namespace Kaleidofs.Drivers.S3;

/// <summary>What the driver remembers of a path. Never changed in place.</summary>
internal sealed record S3State
{
    /// <summary>Of a path whose name was too long to be shown: the component of its keys.</summary>
    public string? Component { get; init; }

    /// <summary>Which bytes the object has.</summary>
    public ObjectVersion Version { get; init; }

    /// <summary>The user's metadata; null if only a listing told of the object, which has none.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>What a path below <c>.versions</c> stands for; null for all others.</summary>
    public EarlierPlace? Earlier { get; init; }

    /// <summary>The kernel's page cache has nothing but this version's bytes.</summary>
    public bool IsCachedByKernel { get; init; }
}
