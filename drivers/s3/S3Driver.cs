using System.Security.Cryptography;
using System.Text;
using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Paths;
using Kaleidofs.Transforms;

[assembly: Kaleidofs.Driver("s3", typeof(Kaleidofs.Drivers.S3.S3Driver), Kaleidofs.ContractVersion.Current, "s3",
    Description = "buckets of Amazon S3 and of servers that speak its protocol",
    Network = true,
    Reads = ["~/.aws", "$AWS_CONFIG_FILE", "$AWS_SHARED_CREDENTIALS_FILE", "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "$AWS_CA_BUNDLE", "{ca}", "{sse-c-key-file}"],
    Writes = ["{cache}/s3", "{staging}"])]

namespace Kaleidofs.Drivers.S3;

/// <summary>Opens <c>s3://bucket/prefix</c>.</summary>
public sealed class S3Driver : Driver
{
    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options => S3Options.All;

    /// <inheritdoc/>
    public override async ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckOptions(Options);
        S3Address address = S3Address.Parse(context.Source);
        S3Options options = S3Options.Parse(context.Options);
        Bucket? bucket = null;
        try
        {
            using (Bucket trial = new(S3Connection.Open(options, isTrial: true), address, options, context.Log))
            {
                await trial.CheckAsync(address.Prefix, cancellationToken).ConfigureAwait(false);
            }
            bucket = new Bucket(S3Connection.Open(options), address, options, context.Log);
            S3FileSystem fileSystem = new(bucket, address, options, context, await OpenNumbersAsync(address, options, context).ConfigureAwait(false));
            if (options.At is not null)
            {
                return new ReadOnlyFileSystem(fileSystem);
            }
            await fileSystem.RecoverAsync(cancellationToken).ConfigureAwait(false);
            return fileSystem;
        }
        catch (Exception exception) when (S3Failure.GetErrno(exception) is not null && !cancellationToken.IsCancellationRequested)
        {
            bucket?.Dispose();
            throw new SourceException($"cannot open {address}: {S3Failure.Explain(exception, options)}", exception);
        }
        catch
        {
            bucket?.Dispose();
            throw;
        }
    }

    /// <summary>They are kept beside what is written, for each bucket and prefix.</summary>
    private static async ValueTask<PathNumbers?> OpenNumbersAsync(S3Address address, S3Options options, DriverContext context)
    {
        if (options.Staging is not { } folder)
        {
            return null;
        }
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Endpoint ?? "aws"} {address}")).AsSpan(0, 16));
        return await PathNumbers.OpenAsync(Path.Combine(folder, "inodes", name), context.Files, context.Log).ConfigureAwait(false);
    }
}
