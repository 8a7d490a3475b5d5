using System.Globalization;
using System.Text;
using Kaleidofs.Drivers.S3.Client;

namespace Kaleidofs.Drivers.S3;

/// <summary>What <c>-o</c> chose.</summary>
internal sealed record S3Options
{
    private const string CustomerKeyVariable = "KALEIDOFS_S3_SSE_C_KEY";

    private const int MaxKeyFile = 256;

    /// <summary>The options, as <c>kaleidofs drivers</c> shows them.</summary>
    public static IReadOnlyList<DriverOption> All { get; } =
    [
        new("endpoint", "URL", "the server, if it is not Amazon's: http://127.0.0.1:9000 (default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL)"),
        new("region", "NAME", "the bucket's region (default AWS_REGION, the profile's, or us-east-1)"),
        new("profile", "NAME", "which of the profiles in ~/.aws gives credentials (default AWS_PROFILE, or the SDK's chain: environment, default profile, the machine's role)"),
        new("anonymous", "", "send requests without credentials, as public buckets allow"),
        new("path-style", "on|off", "name the bucket in the path rather than in the host's name (default on with an endpoint)"),
        new("requester-pays", "", "pay for requests to a bucket whose owner does not"),
        new("ca", "FILE", "certificates (PEM) of an authority that vouches for the endpoint (default AWS_CA_BUNDLE, and the system's)"),
        new("ttl", "SECONDS", "how long names and attributes are believed (default 5; 0 asks each time)"),
        new("negative-ttl", "SECONDS", "how long absent names are believed absent (default ttl, at most 5)"),
        new("timeout", "SECONDS", "how long a request is tried before it fails with EIO (default 60)"),
        new("readahead", "BYTES", "memory for reading ahead, for all files together, with K, M or G (default 64M; 0 reads nothing ahead)"),
        new("staging", "DIR", "where what is written is kept until it is sent (default ~/.cache/kaleidofs/s3); it needs room for the files that are being written"),
        new("staging-size", "BYTES", "the most that is kept there at once, with K, M or G; more is ENOSPC (default: what the disk has)"),
        new("conflict", "ESTALE|EBUSY", "what fsync and close say if another has changed the file meanwhile (default ESTALE)"),
        new("sse", "AES256|aws:kms|aws:kms:dsse", "have the server encrypt what is written (default: as the bucket says)"),
        new("sse-key", "ID", "which of the key service's keys it takes for that (default the bucket's)"),
        new("sse-c-key-file", "FILE", "encrypt and read all with the key in this file, which the server does not keep: 32 bytes, or their base64 (default KALEIDOFS_S3_SSE_C_KEY)"),
        new("checksum", "on|off", "send checksums with what is written, and check those that come with what is read (default on without an endpoint)"),
        new("chunked", "on|off", "sign what is written in chunks, as it is sent (default on)"),
        new("at", "TIME", "show the bucket as it was, if it keeps versions: 2026-01-31, or 2026-01-31T12:00:00Z; nothing can be written"),
        new("versions", "", "show what keys had before, if the bucket keeps versions, as .versions/PATH/1, 2, ..., the oldest first; removed ones, too"),
        new("xattr", "on|off", "keep the user's extended attributes in objects' metadata (default on)"),
        new("rename-dir", "KEYS", "rename directories of up to so many keys within the server, copying each (default 0: mv does it)"),
    ];

    public string? Endpoint { get; init; }

    public string? Region { get; init; }

    public string? Profile { get; init; }

    public bool IsAnonymous { get; init; }

    public bool IsPathStyle { get; init; }

    public bool RequesterPays { get; init; }

    public string? AuthorityFile { get; init; }

    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan NegativeTtl { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    public long ReadAhead { get; init; } = 64 << 20;

    public string? Staging { get; init; }

    public long RenameDirectories { get; init; }

    public DateTimeOffset? At { get; init; }

    public bool ShowsVersions { get; init; }

    public long StagingRoom { get; init; } = long.MaxValue;

    public Errno Conflict { get; init; } = Errno.ESTALE;

    public string? Encryption { get; init; }

    public string? EncryptionKey { get; init; }

    public CustomerKey? CustomerKey { get; init; }

    public bool HasChecksums { get; init; }

    public bool HasExtendedAttributes { get; init; } = true;

    public bool IsChunked { get; init; } = true;

    /// <exception cref="SourceException">An option's value is none.</exception>
    public static S3Options Parse(IReadOnlyDictionary<string, string> given)
    {
        OptionReader options = new(given);
        string? endpoint = options.GetText("endpoint") ?? FromEnvironment("AWS_ENDPOINT_URL_S3") ?? FromEnvironment("AWS_ENDPOINT_URL");
        if (endpoint is not null && !(Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"))
        {
            throw OptionReader.Invalid("endpoint", endpoint, "not a URL; write http://HOST:PORT or https://HOST");
        }
        TimeSpan ttl = options.GetSeconds("ttl", 5, least: 0);
        S3Options result = new()
        {
            Endpoint = endpoint,
            Region = options.GetText("region"),
            Profile = options.GetText("profile"),
            IsAnonymous = options.IsOn("anonymous"),
            IsPathStyle = options.IsOn("path-style", endpoint is not null),
            RequesterPays = options.IsOn("requester-pays"),
            AuthorityFile = options.GetText("ca") ?? FromEnvironment("AWS_CA_BUNDLE"),
            Ttl = ttl,
            NegativeTtl = options.GetSeconds("negative-ttl", Math.Min(ttl.TotalSeconds, 5), least: 0),
            Timeout = options.GetSeconds("timeout", 60, least: 1),
            ReadAhead = options.GetSize("readahead", 64 << 20),
            RenameDirectories = options.GetSize("rename-dir", 0),
            At = GetTime(options, "at"),
            ShowsVersions = options.IsOn("versions"),
            StagingRoom = options.GetSize("staging-size", long.MaxValue),
            Conflict = options.GetOneOf("conflict", "ESTALE", "EBUSY") == "EBUSY" ? Errno.EBUSY : Errno.ESTALE,
            Encryption = options.GetOneOf("sse", "AES256", "aws:kms", "aws:kms:dsse"),
            EncryptionKey = options.GetText("sse-key"),
            CustomerKey = GetCustomerKey(options),
            HasChecksums = options.IsOn("checksum", endpoint is null),
            HasExtendedAttributes = options.IsOn("xattr", true),
            IsChunked = options.IsOn("chunked", true),
            Staging = options.GetFolder("staging") is { } staging ? staging : UserFolders.Cache is { } cache ? Path.Combine(cache, "s3") : null,
        };
        if (result is { EncryptionKey: { } key, Encryption: null or "AES256" })
        {
            throw OptionReader.Invalid("sse-key", key, "a key of the key service goes with -o sse=aws:kms");
        }
        if (result is { CustomerKey: not null, Encryption: not null })
        {
            throw new SourceException("-o sse= and a key of one's own (-o sse-c-key-file=) exclude each other; give one") { IsUsageError = true };
        }
        if (result is { ShowsVersions: true, At: not null })
        {
            throw new SourceException("-o at= and -o versions exclude each other; give one") { IsUsageError = true };
        }
        return result is { IsAnonymous: true, Profile: not null }
            ? throw new SourceException("-o anonymous and -o profile= exclude each other; give one") { IsUsageError = true }
            : result;
    }

    private static DateTimeOffset? GetTime(OptionReader options, string name)
        => options.GetText(name) is not { } value ? null
            : DateTimeOffset.TryParseExact(value, ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
            : throw OptionReader.Invalid(name, value, "not a time; write 2026-01-31 or 2026-01-31T12:00:00Z");

    private static CustomerKey? GetCustomerKey(OptionReader options)
    {
        if (options.GetText("sse-c-key-file") is not { } file)
        {
            return FromEnvironment(CustomerKeyVariable) is not { } text ? null
                : CustomerKey.Parse(Encoding.ASCII.GetBytes(text)) ?? throw new SourceException($"{CustomerKeyVariable} is no key: it must be 32 bytes, in base64") { IsUsageError = true };
        }
        try
        {
            using FileStream opened = File.OpenRead(file);
            byte[] content = new byte[MaxKeyFile];
            int count = opened.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return CustomerKey.Parse(content[..count]) ?? throw OptionReader.Invalid("sse-c-key-file", file, "no key is in it: it must have 32 bytes, or their base64");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"sse-c-key-file={file}: cannot be read: {exception.Message}", exception) { IsUsageError = true };
        }
    }

    private static string? FromEnvironment(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
