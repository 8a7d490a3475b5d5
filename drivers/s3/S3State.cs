using Kaleidofs.Drivers.S3.Client;

namespace Kaleidofs.Drivers.S3;

/// <summary>What the driver remembers of a path. Never changed in place.</summary>
/// <remarks>There is one for each name that is known, so what a listing does not tell has a place of its own.</remarks>
internal sealed record S3State
{
    private Details? _more;

    /// <summary>Which bytes the object has.</summary>
    public ObjectVersion Version { get; init; }

    /// <summary>Of a path whose name was too long to be shown: the component of its keys.</summary>
    public string? Component
    {
        get => _more?.Component;
        init => Know(value != Component, more => more with { Component = value });
    }

    /// <summary>The user's metadata; null if only a listing told of the object, which has none.</summary>
    public IReadOnlyDictionary<string, string>? Metadata
    {
        get => _more?.Metadata;
        init => Know(value != Metadata, more => more with { Metadata = value });
    }

    /// <summary>What a path below <c>.versions</c> stands for; null for all others.</summary>
    public EarlierPlace? Earlier
    {
        get => _more?.Earlier;
        init => Know(value != Earlier, more => more with { Earlier = value });
    }

    /// <summary>The kernel's page cache has nothing but this version's bytes.</summary>
    public bool IsCachedByKernel
    {
        get => _more is { IsCachedByKernel: true };
        init => Know(value != IsCachedByKernel, more => more with { IsCachedByKernel = value });
    }

    /// <summary>A copy has the original's details until it is told others: they are replaced, never changed.</summary>
    private void Know(bool isOther, Func<Details, Details> change)
    {
        if (isOther)
        {
            _more = change(_more ?? new Details());
        }
    }

    private sealed record Details
    {
        public string? Component { get; init; }

        public IReadOnlyDictionary<string, string>? Metadata { get; init; }

        public EarlierPlace? Earlier { get; init; }

        public bool IsCachedByKernel { get; init; }
    }
}
