using System.Security.Cryptography;
using System.Text;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;
using Kaleidofs.Paths;

[assembly: Kaleidofs.Driver("smb", typeof(Kaleidofs.Drivers.Smb.SmbDriver), Kaleidofs.ContractVersion.Current, "smb",
    Description = "shares of Windows and Samba servers (SMB 2.1 to 3.1.1)",
    Network = true,
    Reads = ["{password-file}"],
    Writes = ["{state}/smb", "{inodes}"])]

namespace Kaleidofs.Drivers.Smb;

/// <summary>Opens <c>smb://server/share/directory</c>.</summary>
public sealed class SmbDriver : Driver
{
    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options => SmbOptions.All;

    /// <inheritdoc/>
    public override async ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckOptions(Options);
        SmbAddress address = SmbAddress.Parse(context.Source);
        SmbOptions options = SmbOptions.Parse(context.Options);
        SmbTarget target = new()
        {
            Server = address.Server,
            Port = options.Port ?? address.Port ?? 445,
            Share = address.Share,
            Credentials = GetCredentials(address, options, context.Options),
            Protection = options.Protection,
            Timeout = options.Timeout,
        };
        if (options.OnlyDialect is { } only)
        {
            target = target with { Dialects = [only] };
        }
        SmbClient client = new(target, options.Retry, message => context.Log.Warning($"{address}: {message}"));
        try
        {
            await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            SmbResult<CreateAnswer> root = await client.RunAsync((share, _) => share.TouchAsync(address.Directory, new CreateParameters(AccessMask.ReadAttributes)), cancellationToken).ConfigureAwait(false);
            if (!root.IsOk || !root.Value.Facts.IsDirectory)
            {
                throw new SourceException($"cannot open {address}: {(root.IsOk ? "it is a file; name the directory that it is in" : Explain(root.Status))}");
            }
            SmbFileSystem fileSystem = new(client, address, options, root.Value.Facts, await OpenNumbersAsync(address, target, options, context).ConfigureAwait(false));
            if (options.Watches)
            {
                fileSystem.Watch();
            }
            return fileSystem;
        }
        catch (SmbException exception)
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw new SourceException($"cannot open {address}: {exception.Message}", exception);
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>They are kept for each share's directory. Who logs in does not matter: a number leads to a path, and the server says who may have it.</summary>
    private static async ValueTask<PathNumbers?> OpenNumbersAsync(SmbAddress address, SmbTarget target, SmbOptions options, DriverContext context)
    {
        if (options.InodeFolder is not { } folder)
        {
            return null;
        }
        string place = $"{address.Server.ToUpperInvariant()}:{target.Port}/{address.Share.ToUpperInvariant()}/{address.Directory}";
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)).AsSpan(0, 16));
        return await PathNumbers.OpenAsync(Path.Combine(folder, name), context.Files, context.Log).ConfigureAwait(false);
    }

    private static SmbCredentials GetCredentials(SmbAddress address, SmbOptions options, IReadOnlyDictionary<string, string> given)
    {
        if (options.IsAnonymous)
        {
            return SmbCredentials.Anonymous;
        }
        if ((options.User ?? address.User) is not { Length: > 0 } user)
        {
            throw new SourceException($"{address}: who is to log in? give -o user=NAME, or -o anonymous for a public share") { IsUsageError = true };
        }
        return new SmbCredentials
        {
            User = user,
            Domain = options.Domain,
            Password = SmbPassword.Get(given, $"{user} at {address.Server}"),
            AllowsGuest = options.AllowsGuest,
        };
    }

    private static string Explain(NtStatus status) => status switch
    {
        NtStatus.ObjectNameNotFound or NtStatus.ObjectPathNotFound or NtStatus.NoSuchFile => "there is no such directory on the share",
        NtStatus.AccessDenied => "permission denied",
        NtStatus.ConnectionDisconnected => "the connection broke",
        _ => $"the server says 0x{(uint)status:X8}",
    };
}
