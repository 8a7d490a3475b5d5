namespace Kaleidofs.Tests.Support;

/// <summary>What a guest is made of.</summary>
public sealed record GuestOptions
{
    public IReadOnlyList<GuestShare> Shares { get; init; } = [];

    /// <summary>Files for the guest's root: path in the guest to path here.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    public int Cpus { get; init; } = 1;

    public int Megabytes { get; init; } = 512;
}
