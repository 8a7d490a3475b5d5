using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>A share, and how to get at it.</summary>
internal sealed record SmbTarget
{
    public required string Server { get; init; }

    public int Port { get; init; } = 445;

    public required string Share { get; init; }

    public required SmbCredentials Credentials { get; init; }

    public MessageProtection Protection { get; init; }

    /// <summary>The dialects that are offered, the oldest first.</summary>
    public IReadOnlyList<Dialect> Dialects { get; init; } = [Dialect.Smb210, Dialect.Smb300, Dialect.Smb302, Dialect.Smb311];

    /// <summary>How long the server may be silent before it is taken for gone.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
