using System.Globalization;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb;

/// <summary>What <c>-o</c> chose.</summary>
internal sealed record SmbOptions
{
    /// <summary>The options, as <c>kaleidofs drivers</c> shows them.</summary>
    public static IReadOnlyList<DriverOption> All { get; } =
    [
        new("user", "NAME", "who logs in; also DOMAIN\\NAME, or in the address: smb://NAME@SERVER/SHARE"),
        new("domain", "NAME", "the user's domain (default the server's own)"),
        new("password-file", "FILE", "a file whose first line is the password"),
        new("password-env", "VARIABLE", "the environment variable that has the password (default KALEIDOFS_PASSWORD; asked for on a terminal if there is neither)"),
        new("port", "NUMBER", "the server's port (default 445)"),
        new("anonymous", "", "log in as nobody, as public shares allow; nothing is signed or encrypted then"),
        new("guest", "", "go on if the server takes the user for a guest; nothing is signed or encrypted then"),
        new("protection", "best|encrypt|sign|none", "how messages are protected (default best: encrypted where the server can, else signed; none: as the server demands)"),
        new("vers", "2.1|3.0|3.0.2|3.1.1", "the only dialect to speak (default the newest that both know)"),
        new("ttl", "SECONDS", "how long names and attributes are believed (default 1; 0 asks each time)"),
        new("timeout", "SECONDS", "how long the server may be silent before it is taken for gone (default 30)"),
        new("inodes", "DIR", "where inode numbers are kept for the next process (default ~/.local/state/kaleidofs/smb)"),
        new("retry", "SECONDS", "how long a request is tried again while the server is gone, before it fails with EIO (default 60)"),
    ];

    public string? User { get; init; }

    public string Domain { get; init; } = "";

    public int? Port { get; init; }

    public bool IsAnonymous { get; init; }

    public bool AllowsGuest { get; init; }

    public MessageProtection Protection { get; init; }

    public Dialect? OnlyDialect { get; init; }

    public TimeSpan Ttl { get; init; }

    public TimeSpan Timeout { get; init; }

    public TimeSpan Retry { get; init; }

    /// <summary>The folder of inode numbers that are kept; null if there is none.</summary>
    public string? InodeFolder { get; init; }

    /// <exception cref="SourceException">An option's value is none.</exception>
    public static SmbOptions Parse(IReadOnlyDictionary<string, string> given)
    {
        string? user = given.GetValueOrDefault("user");
        string domain = given.GetValueOrDefault("domain") ?? "";
        if (user?.Split('\\', 2) is [var before, var after])
        {
            (domain, user) = (before, after);
        }
        return new SmbOptions
        {
            User = user,
            Domain = domain,
            Port = given.GetValueOrDefault("port") is not { } port ? null
                : int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and < 65536 ? number
                : throw Invalid("port", port, "not a port; write a number from 1 to 65535"),
            IsAnonymous = IsOn(given, "anonymous"),
            AllowsGuest = IsOn(given, "guest"),
            Protection = given.GetValueOrDefault("protection") switch
            {
                null or "best" => MessageProtection.Best,
                "encrypt" => MessageProtection.Encrypt,
                "sign" => MessageProtection.Sign,
                "none" => MessageProtection.None,
                var value => throw Invalid("protection", value, "write best, encrypt, sign or none"),
            },
            OnlyDialect = given.GetValueOrDefault("vers") switch
            {
                null => null,
                "2.1" => Dialect.Smb210,
                "3.0" => Dialect.Smb300,
                "3.0.2" => Dialect.Smb302,
                "3.1.1" => Dialect.Smb311,
                var value => throw Invalid("vers", value, "write 2.1, 3.0, 3.0.2 or 3.1.1; older dialects are not safe and not spoken"),
            },
            Ttl = GetSeconds(given, "ttl", 1, 0),
            Timeout = GetSeconds(given, "timeout", 30, 1),
            Retry = GetSeconds(given, "retry", 60, 0),
            InodeFolder = given.GetValueOrDefault("inodes") is { Length: > 0 } folder ? Path.GetFullPath(folder) : UserFolders.State is { } state ? Path.Combine(state, "smb") : null,
        };
    }

    private static bool IsOn(IReadOnlyDictionary<string, string> given, string name) => given.GetValueOrDefault(name) switch
    {
        null or "off" or "false" or "no" or "0" => false,
        "" or "on" or "true" or "yes" or "1" => true,
        var value => throw Invalid(name, value, "write on or off"),
    };

    private static TimeSpan GetSeconds(IReadOnlyDictionary<string, string> given, string name, double otherwise, double least)
    {
        if (given.GetValueOrDefault(name) is not { } value)
        {
            return TimeSpan.FromSeconds(otherwise);
        }
        return double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds >= least && seconds <= 4e6
            ? TimeSpan.FromSeconds(seconds)
            : throw Invalid(name, value, $"not a number of seconds, {least} or more");
    }

    private static SourceException Invalid(string name, string value, string reason) => new($"{name}={value}: {reason}") { IsUsageError = true };
}
