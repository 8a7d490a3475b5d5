using Kaleidofs.Drivers.Archive.Composing;

[assembly: Kaleidofs.Driver("archive", typeof(Kaleidofs.Drivers.Archive.ArchiveDriver), Kaleidofs.ContractVersion.Current, "archive", "zip", "tar",
    Description = "zip, tar and tar.gz files, read in place", Reads = ["{union}"])]

namespace Kaleidofs.Drivers.Archive;

/// <summary>Opens archives. What kind one is, is told by its content, not by its name.</summary>
public sealed class ArchiveDriver : Driver
{
    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options { get; } =
    [
        new("verify", "none|small|all", "which stored zip entries are checked before they are first served (default small: up to 16 MiB)"),
        new("subdir", "PATH", "only what is in this directory of the archive, which becomes the root"),
        new("strip", "N", "drop so many leading components of each path"),
        new("union", "FILE[:FILE...]", "further archives, merged over the source; of equal names the rightmost wins"),
        new("nested", "", "archives within the archive are shown as directories"),
    ];

    /// <inheritdoc/>
    public override bool Recognizes(string path, ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            return false;
        }
        try
        {
            using ArchiveFile file = ArchiveFile.Open(path, DriverLog.Silent);
            return ArchiveFormats.Recognize(file, head).Kind != ArchiveKind.None;
        }
        catch (SourceException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckOptions(Options);
        ArchiveOptions options = ArchiveOptions.Parse(context.Options);
        ArchiveFile file = ArchiveFile.Open(context.Source, context.Log, context.Files);
        try
        {
            OpeningContext opening = new(context.Cache, context.Log, options.Verification, new OpeningProgress(file.Path, context.Log, cancellationToken));
            using ArchiveComposer composer = new(opening, options);
            return new(composer.Compose(file, GetKind(context.Scheme), path => ArchiveFile.Open(path, context.Log, context.Files)));
        }
        catch (SourceException exception) when (!exception.Message.StartsWith(file.Path, StringComparison.Ordinal))
        {
            // From a tree, which does not know of what.
            file.Dispose();
            throw new SourceException($"{file.Path}: {exception.Message}", exception);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The kind that a scheme insists on.</summary>
    private static ArchiveKind GetKind(string scheme) => scheme switch
    {
        "zip" => ArchiveKind.Zip,
        "tar" => ArchiveKind.Tar,
        _ => ArchiveKind.None,
    };
}
