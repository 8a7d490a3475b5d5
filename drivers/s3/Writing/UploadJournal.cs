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

    /// <summary>Notes an upload, safely on the disk, until the note is disposed.</summary>
    public Task<IDisposable?> NoteAsync(string key, string upload) => files.RunAsync<IDisposable?>(() =>
    {
        try
        {
            folder.Make();
            string path = Path.Combine(folder.Path!, $"{Guid.NewGuid():N}{Extension}");
            FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            file.Write(JsonSerializer.SerializeToUtf8Bytes(new Record(endpoint, bucket, key, upload), UploadRecords.Default.Record));
            file.Flush(flushToDisk: true);
            return new Note(file, path);
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
            if (await files.RunAsync(() => Take(path)).ConfigureAwait(false) is not { } record)
            {
                continue;
            }
            Errno errno = await client.AbortUploadAsync(record.Key, record.Upload, cancellationToken).ConfigureAwait(false);
            if (errno == Errno.None)
            {
                log.Information($"s3://{bucket}: gave up an upload that an earlier process had not finished");
                await files.RunAsync(() =>
                {
                    File.Delete(path);
                    return true;
                }).ConfigureAwait(false);
            }
        }
    }

    private string[] Find() => Directory.Exists(folder.Path) ? Directory.GetFiles(folder.Path, "*" + Extension) : [];

    /// <summary>A dead process's record, if it is of this bucket.</summary>
    private Record? Take(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            Record? record = JsonSerializer.Deserialize(file, UploadRecords.Default.Record);
            return record is { } found && found.Endpoint == endpoint && found.Bucket == bucket ? record : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            // Locked: its process lives. Cut off: it died before it sent a part.
            return null;
        }
    }

    /// <summary>What is noted of an upload.</summary>
    internal sealed record Record(string Endpoint, string Bucket, string Key, string Upload);

    private sealed class Note(FileStream file, string path) : IDisposable
    {
        public void Dispose()
        {
            File.Delete(path);
            file.Dispose();
        }
    }
}
