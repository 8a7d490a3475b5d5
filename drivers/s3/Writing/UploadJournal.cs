using System.Text.Json;
using Kaleidofs.Drivers.S3.Client;

namespace Kaleidofs.Drivers.S3.Writing;

/// <summary>
/// Remembers uploads that are under way: a file each, locked while its process lives. What a dead process left is given up at the server by
/// the next that opens the same bucket.
/// </summary>
/// <param name="folder">Where the files are.</param>
/// <param name="endpoint">The server.</param>
/// <param name="bucket">The bucket's name.</param>
/// <param name="files">Threads that may wait for a disk.</param>
/// <param name="log">Where to say what was given up.</param>
internal sealed class UploadJournal(StagingFolder folder, string endpoint, string bucket, FileReader files, DriverLog log)
{
    private const string Extension = ".upload";

    /// <summary>
    /// Servers refuse requests of clocks that differ by more from theirs. As long, what a dead process sent may still arrive, so its notes are kept
    /// and looked at again.
    /// </summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);

    /// <summary>Notes that an upload is about to begin, safely on the disk; null if that cannot be done.</summary>
    public Task<UploadNote?> NoteAsync(string key) => files.RunAsync(() =>
    {
        try
        {
            folder.Make();
            return new UploadNote(Path.Combine(folder.Path!, $"{Guid.NewGuid():N}{Extension}"), new UploadRecord(endpoint, bucket, key, DateTimeOffset.UtcNow));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.Warning($"s3://{bucket}: an upload cannot be noted in {folder.Path} ({exception.Message}): if this process dies, its parts stay at the server");
            return null;
        }
    });

    /// <summary>Gives up what dead processes left.</summary>
    public async Task RecoverAsync(Bucket client, CancellationToken cancellationToken)
    {
        foreach (string path in await files.RunAsync(Find).ConfigureAwait(false))
        {
            if (await files.RunAsync(() => Take(path)).ConfigureAwait(false) is { } record
                && await GiveUpAsync(client, record, cancellationToken).ConfigureAwait(false) is Errno.None or Errno.ENOENT
                && DateTimeOffset.UtcNow - record.Begun > MaxSkew)
            {
                await files.RunAsync(() =>
                {
                    File.Delete(path);
                    return true;
                }).ConfigureAwait(false);
            }
        }
    }

    private async Task<Errno> GiveUpAsync(Bucket client, UploadRecord record, CancellationToken cancellationToken)
    {
        if (record.Upload is { } upload)
        {
            return await AbortAsync(upload).ConfigureAwait(false);
        }
        // It died before the answer came, so no part of it was sent. What began at the same key at that time and has none is what it began; or what another
        // machine has only just begun, which then begins anew.
        Result<IReadOnlyList<string>> found = await client.FindUploadsAsync(record.Key, record.Begun - MaxSkew, record.Begun + MaxSkew, cancellationToken).ConfigureAwait(false);
        Errno errno = found.Errno;
        HashSet<string> alive = await files.RunAsync(FindAlive).ConfigureAwait(false);
        foreach (string begun in found.IsOk ? found.Value.Where(begun => !alive.Contains(begun)) : [])
        {
            Result<bool> hasParts = await client.HasPartsAsync(record.Key, begun, cancellationToken).ConfigureAwait(false);
            Errno aborted = !hasParts.IsOk || hasParts.Value ? hasParts.Errno : await AbortAsync(begun).ConfigureAwait(false);
            errno = errno == Errno.None ? aborted : errno;
        }
        return errno;

        async Task<Errno> AbortAsync(string number)
        {
            Errno aborted = await client.AbortUploadAsync(record.Key, number, cancellationToken).ConfigureAwait(false);
            if (aborted == Errno.None)
            {
                log.Information($"s3://{bucket}: gave up an upload that an earlier process had not finished");
            }
            return aborted;
        }
    }

    /// <summary>The uploads of processes that may live.</summary>
    private HashSet<string> FindAlive()
    {
        HashSet<string> alive = [];
        foreach (string path in Find())
        {
            try
            {
                // Without asking for the lock.
                using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using StreamReader lines = new(file);
                if (lines.ReadLine() is not null && lines.ReadLine() is { } upload)
                {
                    alive.Add(upload);
                }
            }
            catch (IOException)
            {
                // Done meanwhile.
            }
        }
        return alive;
    }

    private string[] Find() => Directory.Exists(folder.Path) ? Directory.GetFiles(folder.Path, "*" + Extension) : [];

    /// <summary>A dead process's record, if it is of this bucket.</summary>
    private UploadRecord? Take(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            using StreamReader lines = new(file);
            UploadRecord? record = JsonSerializer.Deserialize(lines.ReadLine() ?? "", UploadRecords.Default.UploadRecord);
            return record is { } found && found.Endpoint == endpoint && found.Bucket == bucket ? found with { Upload = lines.ReadLine() } : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            // Locked: its process lives. Cut off: it died before it began.
            return null;
        }
    }
}
