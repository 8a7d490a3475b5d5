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
        new("notify", "on|off", "let the server tell what others change (default on): that shows at once then, and not after ttl"),
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

    public bool Watches { get; init; }

    public TimeSpan Timeout { get; init; }

    public TimeSpan Retry { get; init; }

    /// <summary>The folder of inode numbers that are kept; null if there is none.</summary>
    public string? InodeFolder { get; init; }

    /// <exception cref="SourceException">An option's value is none.</exception>
    public static SmbOptions Parse(IReadOnlyDictionary<string, string> given)
    {
        OptionReader options = new(given);
        string? user = options.GetText("user");
        string domain = options.GetText("domain") ?? "";
        if (user?.Split('\\', 2) is [var before, var after])
        {
            (domain, user) = (before, after);
        }
        return new SmbOptions
        {
            User = user,
            Domain = domain,
            Port = (int?)options.GetNumber("port", 1, 65535),
            IsAnonymous = options.IsOn("anonymous"),
            AllowsGuest = options.IsOn("guest"),
            Protection = options.GetText("protection") switch
            {
                null or "best" => MessageProtection.Best,
                "encrypt" => MessageProtection.Encrypt,
                "sign" => MessageProtection.Sign,
                "none" => MessageProtection.None,
                var value => throw OptionReader.Invalid("protection", value, "write best, encrypt, sign or none"),
            },
            OnlyDialect = options.GetText("vers") switch
            {
                null => null,
                "2.1" => Dialect.Smb210,
                "3.0" => Dialect.Smb300,
                "3.0.2" => Dialect.Smb302,
                "3.1.1" => Dialect.Smb311,
                var value => throw OptionReader.Invalid("vers", value, "write 2.1, 3.0, 3.0.2 or 3.1.1; older dialects are not safe and not spoken"),
            },
            Ttl = options.GetSeconds("ttl", 1, 0),
            Watches = options.IsOn("notify", otherwise: true),
            Timeout = options.GetSeconds("timeout", 30, 1),
            Retry = options.GetSeconds("retry", 60, 0),
            InodeFolder = options.GetFolder("inodes") is { } folder ? folder : UserFolders.State is { } state ? Path.Combine(state, "smb") : null,
        };
    }
}
