using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Drivers.Archive.Writing;
using Kaleidofs.Drivers.Archive.Zip;
using Kaleidofs.Trees;

[assembly: Kaleidofs.Driver("archive", typeof(Kaleidofs.Drivers.Archive.ArchiveDriver), Kaleidofs.ContractVersion.Current, "archive", "zip", "tar",
    Description = "zip, 7z, tar, ar (Debian packages), cpio and iso9660 files (all but zip and 7z also compressed by gzip, zstd, xz, bzip2, lz4, lzip, lzma or compress), and single compressed files, read in place; rar, xar, cab, lha and rpm files, decoded once",
    Reads = ["{password-file}", "{union}", "{volumes}", "{stem}.z##", "{stem}.z###", "{stem}.Z##", "{stem}.Z###", "{stem}.###"],
    Writes = ["{cache}/index", "{index|none|auto}"], Workers = true)]

namespace Kaleidofs.Drivers.Archive;

/// <summary>Opens archives. What kind one is, is told by its content, not by its name.</summary>
public sealed class ArchiveDriver : Driver
{
    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options { get; } =
    [
        new("index", "DIR|none|auto", "where an archive's index is kept for the next time (default auto: in ~/.cache/kaleidofs/index, if it took a moment to make)"),
        new("listing", "whole|known", "while the index of a long tar is still made, a listing waits for the rest, or ends with what is known (default whole)"),
        new("verify", "none|small|all", "which stored zip entries are checked before they are first served (default small: up to 16 MiB)"),
        new("password-file", "PATH", "the password of what is encrypted in a zip or a 7z is this file's first line"),
        new("password-env", "NAME", "that password is in this environment variable (default KALEIDOFS_PASSWORD)"),
        new("transcode", "auto|on|off", "what is decoded only once, into the cache's tier on disk (default auto: streams without seek points of their own)"),
        new("subdir", "PATH", "only what is in this directory of the archive, which becomes the root"),
        new("strip", "N", "drop so many leading components of each path"),
        new("union", "FILE[:FILE...]", "further archives, merged over the source; of equal names the rightmost wins"),
        new("volumes", "FILE[:FILE...]", "the further volumes of a tar that was written in several (tar -M), in their order"),
        new("nested", "", "archives within the archive are shown as directories"),
        new("versions", "", "what a later entry of the same name replaced is shown, as .versions/PATH/1, 2, ..."),
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
            if (ArchiveVolumes.IsVolume(path))
            {
                return true;
            }
            using ByteSource file = ArchiveVolumes.Open(path, DriverLog.Silent);
            return ArchiveFormats.Recognize(file, head).Kind != ArchiveKind.None;
        }
        catch (SourceException)
        {
            // With a volume missing: opening it says so.
            return ZipArchive.Recognizes(head);
        }
        catch (DllNotFoundException)
        {
            // To be opened, which says what is missing.
            return true;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArchiveOptions options = GetOptions(context);
        return EarlyOpening.OpenAsync(context, (progress, growing) => Open(context, options, progress, mustKeep: false, growing, out _), options.ListsParts, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask<SourceIndex> IndexAsync(DriverContext context, IProgress<double> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        OpeningProgress opening = new(context.Source, context.Log, cancellationToken, progress);
        ArchiveFileSystem archive = Open(context, GetOptions(context), opening, mustKeep: true, growing: null, out ArchiveIndex index);
        await using (archive.ConfigureAwait(false))
        {
            await index.CompleteAsync().ConfigureAwait(false);
            if (index.Failure is { } failure)
            {
                throw new SourceException($"{context.Source}: no index was kept: {failure}");
            }
            await archive.PrepareAsync(opening).ConfigureAwait(false);
            Result<FileSystemStatistics> statistics = await archive.GetStatisticsAsync(default, FileSystem.RootInode).ConfigureAwait(false);
            return new SourceIndex(index.Path, index.Length, (long)statistics.Value.Files, index.IsUsed);
        }
    }

    private ArchiveOptions GetOptions(DriverContext context)
    {
        context.CheckOptions(Options);
        return ArchiveOptions.Parse(context.Options);
    }

    private static ArchiveFileSystem Open(DriverContext context, ArchiveOptions options, OpeningProgress progress, bool mustKeep, Action<TreeGrowth>? growing, out ArchiveIndex index)
    {
        if (mustKeep && options.Index is null)
        {
            throw new SourceException("there is nowhere to keep an index: give -o index=DIR") { IsUsageError = true };
        }
        ByteSource file = options.Volumes.Count > 0
            ? ArchiveVolumes.OpenTar(context.Source, options.Volumes, context.Log, context.Files)
            : ArchiveVolumes.Open(context.Source, context.Log, context.Files, context.Workers);
        try
        {
            index = options.Index is { } folder && file is ArchiveFile alone && options.IsAlone
                ? new ArchiveIndex(folder, alone, options.Describe(context.Scheme), context.Log, mustKeep)
                : ArchiveIndex.None;
            if (mustKeep && index == ArchiveIndex.None)
            {
                throw new SourceException($"{file.Path}: no index is kept of it: {index.Failure}");
            }
            using ArchiveComposer composer = new(new OpeningContext(context.Cache, context.Log, options, progress, index) { Growing = growing });
            return composer.Compose(file, GetKind(context.Scheme), path => ArchiveVolumes.Open(path, context.Log, context.Files, context.Workers));
        }
        catch (SourceException exception) when (!exception.Message.StartsWith(file.Path, StringComparison.Ordinal))
        {
            // From a tree, which does not know of what.
            file.Dispose();
            throw new SourceException($"{file.Path}: {exception.Message}", exception);
        }
        catch (DllNotFoundException exception)
        {
            file.Dispose();
            throw new SourceException($"{file.Path}: a library that decodes it is not installed: {exception.Message.Split('\n')[0]}", exception);
        }
        catch (SourceException exception) when (file is SplitFile { LastPath: string last })
        {
            file.Dispose();
            throw new SourceException($"{exception.Message} (its last volume that is there is {last})", exception);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<CommittedSource> CommitAsync(DriverContext context, ChangeSet changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(changes);
        return new ArchiveCommit(context, changes, GetKind(context.Scheme), OpenAsync).RunAsync(cancellationToken);
    }

    /// <summary>The kind that a scheme insists on.</summary>
    private static ArchiveKind GetKind(string scheme) => scheme switch
    {
        "zip" => ArchiveKind.Zip,
        "tar" => ArchiveKind.Tar,
        _ => ArchiveKind.None,
    };
}
