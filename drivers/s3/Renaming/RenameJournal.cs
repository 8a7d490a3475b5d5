using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Writing;

namespace Kaleidofs.Drivers.S3.Renaming;

/// <summary>Renames of directories that are under way, in files beside those of uploads.</summary>
internal sealed class RenameJournal(StagingFolder folder, string endpoint, string bucket, FileReader files, DriverLog log)
{
    private const string Extension = ".rename";

    /// <summary>Notes that a rename begins; null if that cannot be done, and then it must not.</summary>
    public Task<RenameNote?> NoteAsync(string from, string to) => files.RunAsync(() =>
    {
        try
        {
            folder.Make();
            return RenameNote.Make(Path.Combine(folder.Path!, $"{Guid.NewGuid():N}{Extension}"), new RenameRecord(endpoint, bucket, from, to));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.Warning($"s3://{bucket}: no directory is renamed, as that cannot be noted in {folder.Path} ({exception.Message})");
            return null;
        }
    });

    /// <summary>Finishes or undoes what dead processes left.</summary>
    public async Task RecoverAsync(Bucket client, CancellationToken cancellationToken)
    {
        string[] paths = await files.RunAsync(() => Directory.Exists(folder.Path) ? Directory.GetFiles(folder.Path, "*" + Extension) : []).ConfigureAwait(false);
        foreach (string path in paths)
        {
            using RenameNote? note = await files.RunAsync(() => RenameNote.Take(path)).ConfigureAwait(false);
            if (note is null || note.Record.Endpoint != endpoint || note.Record.Bucket != bucket)
            {
                continue;
            }
            DirectoryRename rename = new(client, note, files);
            Errno errno = note.IsCopied
                ? await rename.FinishAsync(note.Objects.Where(one => one.Copy is not null), cancellationToken).ConfigureAwait(false)
                : await rename.UndoAsync(note.Objects, cancellationToken).ConfigureAwait(false);
            if (errno == Errno.None)
            {
                log.Information($"s3://{bucket}: {(note.IsCopied ? "finished" : "undid")} the renaming of a directory, which an earlier process had begun");
                await files.RunAsync(() =>
                {
                    note.Remove();
                    return true;
                }).ConfigureAwait(false);
            }
        }
    }
}
