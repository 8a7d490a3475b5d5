using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>An open file that outlives its connection: on the next it is opened again by its path, and must be the same file.</summary>
/// <param name="client">The share.</param>
/// <param name="getPath">Its path now.</param>
/// <param name="access">What it is open for.</param>
/// <param name="share">Where it was opened.</param>
/// <param name="opened">What the server said then.</param>
internal sealed class RemoteFile(SmbClient client, Func<string> getPath, AccessMask access, SmbShare share, CreateAnswer opened)
{
    private readonly Lock _lock = new();
    private Task<SmbResult<Opening>>? _reopening;
    private SmbShare? _reopeningOn;
    private volatile Opening _now = new(share, opened.Id);

    public bool IsWritable => (access & AccessMask.WriteData) != 0;

    /// <summary>Does something with the file, on whatever connection there is.</summary>
    public Task<SmbResult<T>> RunAsync<T>(Func<SmbShare, FileId, Task<SmbResult<T>>> work, CancellationToken cancellationToken = default)
        => client.RunAsync<T>(
            async (current, _) =>
            {
                SmbResult<FileId> id = await GetIdAsync(current).ConfigureAwait(false);
                return id.IsOk ? await work(current, id.Value).ConfigureAwait(false) : id.Status;
            },
            cancellationToken);

    public async Task<NtStatus> RunAsync(Func<SmbShare, FileId, Task<NtStatus>> work)
        => (await RunAsync<bool>(async (current, id) => await work(current, id).ConfigureAwait(false)).ConfigureAwait(false)).Status;

    /// <summary>Closes it, if the connection that it is open on is still there.</summary>
    public async Task CloseAsync()
    {
        Opening now = _now;
        if (now.Share.Connection.IsUsable)
        {
            await now.Share.CloseAsync(now.Id).ConfigureAwait(false);
        }
    }

    /// <summary>The server's number of it on a connection, for a request that names several files; it is opened there if it is not.</summary>
    public async ValueTask<SmbResult<FileId>> GetIdAsync(SmbShare current)
    {
        if (_now is { } now && now.Share == current)
        {
            return now.Id;
        }
        while (true)
        {
            Task<SmbResult<Opening>> reopening;
            bool isOther;
            lock (_lock)
            {
                // Once, however many wait for it.
                if (_now.Share == current)
                {
                    return _now.Id;
                }
                isOther = _reopening is { IsCompleted: false } && _reopeningOn != current;
                if (_reopening is not { IsCompleted: false })
                {
                    (_reopening, _reopeningOn) = (ReopenAsync(current), current);
                }
                reopening = _reopening;
            }
            SmbResult<Opening> again = await reopening.ConfigureAwait(false);
            // That a connection before this one broke says nothing of this one.
            if (!isOther)
            {
                return again.IsOk ? again.Value.Id : again.Status;
            }
        }
    }

    private async Task<SmbResult<Opening>> ReopenAsync(SmbShare current)
    {
        SmbResult<CreateAnswer> again = await current.CreateAsync(getPath(), new CreateParameters(access, Options: CreateOptions.NonDirectory)).ConfigureAwait(false);
        if (!again.IsOk)
        {
            return again.Status is NtStatus.ObjectNameNotFound or NtStatus.ObjectPathNotFound or NtStatus.DeletePending ? NtStatus.FileDeleted : again.Status;
        }
        if (!IsSame(again.Value.Facts))
        {
            await current.CloseAsync(again.Value.Id).ConfigureAwait(false);
            return NtStatus.FileDeleted;
        }
        Opening opening = new(current, again.Value.Id);
        lock (_lock)
        {
            _now = opening;
        }
        return opening;
    }

    /// <summary>
    /// Numbers are given again once a file is gone, and a creation time that a server makes of the others may go up. But of a file that only
    /// others write, it is never after what was its last change when it was opened. Of a server that tells no numbers, it is all that there is.
    /// </summary>
    private bool IsSame(in FileFacts now)
        => now.FileNumber == opened.Facts.FileNumber
            && (now.FileNumber != 0 || now.CreationTime == opened.Facts.CreationTime)
            && (IsWritable || now.CreationTime <= Math.Max(opened.Facts.CreationTime, Math.Max(opened.Facts.ChangeTime, opened.Facts.LastWriteTime)));

    private sealed record Opening(SmbShare Share, FileId Id);
}
