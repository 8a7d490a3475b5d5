using System.Text;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Writing;

/// <summary>Puts changes into an archive: a new one is made beside it, which begins with the bytes of the old one, and takes its place when it is whole.</summary>
/// <param name="context">The archive and its options.</param>
/// <param name="changes">The changes.</param>
/// <param name="kind">The kind that it must be; none for what its content tells.</param>
/// <param name="open">Opens an archive.</param>
internal sealed class ArchiveCommit(DriverContext context, ChangeSet changes, ArchiveKind kind, Func<DriverContext, CancellationToken, ValueTask<FileSystem>> open)
{
    private string _name = context.Source;

    /// <exception cref="SourceException">The archive is as it was.</exception>
    public async ValueTask<CommittedSource> RunAsync(CancellationToken cancellationToken)
    {
        CheckOptions();
        try
        {
            _name = File.ResolveLinkTarget(context.Source, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(context.Source);
            using ByteSource source = ArchiveVolumes.Open(_name, context.Log, context.Files);
            if (source is not ArchiveFile file)
            {
                throw Refuse("an archive in volumes cannot be changed; join them first");
            }
            return changes.IsEmpty ? new CommittedSource(file.Length, file.Length) : await RunAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refuse($"cannot be changed, and is as it was: {exception.Message}", exception);
        }
    }

    /// <summary>What failed, on what.</summary>
    public static SourceException Fail(ChangedEntry entry, string what) => new($"{Encoding.UTF8.GetString(entry.Path.Span)}: {what}; the archive is as it was");

    private async ValueTask<CommittedSource> RunAsync(ArchiveFile file, CancellationToken cancellationToken)
    {
        (ArchiveKind recognized, Codec? codec) = ArchiveFormats.Recognize(file);
        kind = kind == ArchiveKind.None ? recognized : kind;
        using NewArchive made = NewArchive.Create(file.Path);
        OpeningProgress progress = new(file.Path, context.Log, cancellationToken);
        switch (kind)
        {
            case ArchiveKind.Zip:
                await new ZipCommitter(file, made, changes, context.Log).WriteAsync(cancellationToken).ConfigureAwait(false);
                break;
            case ArchiveKind.Tar when codec is null or { CanEncode: true }:
                await new TarCommitter(file, codec, made, changes).WriteAsync(progress, cancellationToken).ConfigureAwait(false);
                break;
            case ArchiveKind.Tar:
                throw Refuse($"{codec!.Name} cannot be written; unpack it to a plain tar, or compress it by zstd or gzip");
            default:
                throw Refuse("only a zip and a tar can be changed");
        }
        await made.Stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        made.Stream.SetLength(made.Stream.Position);
        if (changes.Writer.CopyOwner(file.Handle, made.Handle) is var errno and not Errno.None)
        {
            context.Log.Warning($"{_name}: its permissions could not be kept ({errno})");
        }
        await context.Files.RunAsync(() =>
        {
            made.Stream.Flush(flushToDisk: true);
            return true;
        }).ConfigureAwait(false);
        string identity = await GetIdentityAsync(made.Path, cancellationToken).ConfigureAwait(false);
        CheckUnchanged(file);
        cancellationToken.ThrowIfCancellationRequested();
        await changes.ConfirmAsync(identity).ConfigureAwait(false);
        long length = made.Stream.Length;
        made.TakePlace(changes.Writer);
        return new CommittedSource(file.Length, length);
    }

    /// <summary>Opens the new archive as any other: one that could not be read does not take the old one's place.</summary>
    private async ValueTask<string> GetIdentityAsync(string path, CancellationToken cancellationToken)
    {
        // No index of a file that will not have this name.
        Dictionary<string, string> options = new(context.Options) { ["index"] = "none" };
        DriverContext opening = new() { Source = path, Scheme = context.Scheme, Options = options, Cache = context.Cache, Files = context.Files };
        FileSystem made = await open(opening, cancellationToken).ConfigureAwait(false);
        await using (made.ConfigureAwait(false))
        {
            await made.Completion.ConfigureAwait(false);
            return made.Info.Identity;
        }
    }

    private void CheckUnchanged(ArchiveFile file)
    {
        FileInfo now = new(file.Path);
        if (!now.Exists || now.Length != file.Length || Timestamp.From(now.LastWriteTimeUtc) != file.ModificationTime)
        {
            throw Refuse("was changed meanwhile by another; nothing is changed here");
        }
    }

    private void CheckOptions()
    {
        var options = ArchiveOptions.Parse(context.Options);
        string? composed = options.Directory.Length > 0 ? "subdir" : options.Strip > 0 ? "strip" : options.Union.Count > 0 ? "union" : options.IsNested ? "nested" : null;
        if (composed is not null)
        {
            throw new SourceException($"{context.Source}: changes cannot be put into an archive that is shown by {composed}=; leave it out") { IsUsageError = true };
        }
    }

    private SourceException Refuse(string reason, Exception? cause = null)
        => cause is null ? new SourceException($"{_name}: {reason}") : new SourceException($"{_name}: {reason}", cause);
}
