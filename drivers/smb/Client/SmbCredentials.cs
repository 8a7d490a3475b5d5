namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>Who asks. It never shows its password.</summary>
internal sealed class SmbCredentials
{
    /// <summary>Nobody in particular.</summary>
    public static SmbCredentials Anonymous { get; } = new() { IsAnonymous = true };

    public string User { get; init; } = "";

    public string Domain { get; init; } = "";

    public string Password { get; init; } = "";

    public bool IsAnonymous { get; init; }

    /// <summary>Whether it is fine if the server takes the user for a guest: nothing is signed or encrypted then.</summary>
    public bool AllowsGuest { get; init; }

    /// <inheritdoc/>
    public override string ToString() => IsAnonymous ? "anonymous" : Domain.Length == 0 ? User : $"{Domain}\\{User}";
}
