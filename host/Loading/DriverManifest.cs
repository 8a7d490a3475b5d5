namespace Kaleidofs.Host.Loading;

/// <summary>What a driver assembly declares of itself, read without loading it.</summary>
/// <param name="Path">The assembly.</param>
/// <param name="Name">The driver's name.</param>
/// <param name="TypeName">The <see cref="Driver"/> subclass.</param>
/// <param name="ContractVersion">The contract that it was compiled against.</param>
/// <param name="Schemes">The URI schemes that it opens.</param>
/// <param name="Description">One line.</param>
internal sealed record DriverManifest(string Path, string Name, string TypeName, int ContractVersion, IReadOnlyList<string> Schemes, string Description)
{
    /// <summary><see cref="DriverAttribute.Network"/>.</summary>
    public bool UsesNetwork { get; init; }

    /// <summary><see cref="DriverAttribute.NetworkOptions"/>.</summary>
    public IReadOnlyList<string> NetworkOptions { get; init; } = [];

    /// <summary><see cref="DriverAttribute.Reads"/>.</summary>
    public IReadOnlyList<string> Reads { get; init; } = [];

    /// <summary><see cref="DriverAttribute.Writes"/>.</summary>
    public IReadOnlyList<string> Writes { get; init; } = [];

    /// <summary><see cref="DriverAttribute.Workers"/>.</summary>
    public bool StartsWorkers { get; init; }
}

/// <summary>An assembly in a driver folder that is not used, and why.</summary>
/// <param name="Path">The assembly.</param>
/// <param name="Schemes">The schemes that it would open, where that much is known.</param>
/// <param name="Reason">One line.</param>
internal sealed record RefusedDriver(string Path, IReadOnlyList<string> Schemes, string Reason);
