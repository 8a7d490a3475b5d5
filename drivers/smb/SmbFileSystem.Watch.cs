using System.Runtime.InteropServices;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.Smb;

/// <summary>What others change, as the server tells it: one request for all that is below the root waits at the server all the time.</summary>
internal sealed partial class SmbFileSystem
{
    /// <summary>The kernel is not told of changes: it asks again after this time, and is answered from memory.</summary>
    private static readonly TimeSpan KernelTimeOfWatched = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _isWatching = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watching = Task.CompletedTask;
    private long _heard;

    /// <summary>Completes when the server tells of changes for the first time; cancelled if it does not.</summary>
    public Task IsWatching => _isWatching.Task;

    /// <summary>How many requests were made of the server, apart from waiting for changes.</summary>
    public long Requests => _client.Requests;

    /// <summary>Lets the server tell of changes from now on, if it does.</summary>
    public void Watch()
    {
        // From the beginning: what the kernel is told before the server begins is not taken back either.
        KernelTime = KernelTimeOfWatched;
        _watching = WatchAsync();
    }

    /// <summary>How often the server has told of changes: taken before something is asked of it, to <see cref="Recheck"/> what it answers.</summary>
    private long Heard => Volatile.Read(ref _heard);

    /// <summary>
    /// Call it when the table has been told what the server answered, and not from a search, which the table itself knows the time of. If the
    /// server has told of changes meanwhile, they may be newer than the answer, and were noted before it.
    /// </summary>
    private void Recheck(long heard, PathNode? directory, ReadOnlySpan<byte> name, bool isOther)
    {
        if (heard != Heard && directory is not null)
        {
            Doubt(directory, name, isOther);
        }
    }

    private void HearAll()
    {
        Interlocked.Increment(ref _heard);
        DoubtAll();
    }

    private async Task WatchAsync()
    {
        while (!Ending.IsCancellationRequested)
        {
            SmbResult<bool> ended = await _client.RunAsync<bool>(async (share, _) => await WatchAsync(share).ConfigureAwait(false), Ending).ConfigureAwait(false);
            // What happens from here on is not told, nor was what happened last.
            HearAll();
            if (ended.Status is not (NtStatus.ConnectionDisconnected or NtStatus.NetworkSessionExpired or NtStatus.UserSessionDeleted or NtStatus.NetworkNameDeleted or NtStatus.NotifyCleanup))
            {
                KernelTime = TimeSpan.MaxValue;
                _isWatching.TrySetCanceled(CancellationToken.None);
                return;
            }
            await Task.Delay(PauseAfterFailure, Ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes what one connection tells, until that ends.</summary>
    private async Task<NtStatus> WatchAsync(SmbShare share)
    {
        CreateParameters parameters = new(AccessMask.ReadData | AccessMask.ReadAttributes | AccessMask.Synchronize, Options: CreateOptions.Directory);
        SmbResult<CreateAnswer> opened = await share.CreateAsync(_address.Directory, parameters).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            return opened.Status;
        }
        Task<SmbResult<byte[]>> next = share.WaitForChangesAsync(opened.Value.Id, Ending);
        // The server takes requests in their order: once this is answered, it has begun to watch.
        await share.TouchAsync(_address.Directory, new CreateParameters(AccessMask.ReadAttributes)).ConfigureAwait(false);
        HearAll();
        if (!next.IsCompleted)
        {
            _isWatching.TrySetResult();
        }
        while (true)
        {
            SmbResult<byte[]> told = await next.ConfigureAwait(false);
            if (!told.IsOk)
            {
                HearAll();
                await share.CloseAsync(opened.Value.Id).ConfigureAwait(false);
                return told.Status;
            }
            next = share.WaitForChangesAsync(opened.Value.Id, Ending);
            TakeChanges(told.Value);
        }
    }

    private void TakeChanges(ReadOnlySpan<byte> list)
    {
        Interlocked.Increment(ref _heard);
        // Too much happened at once to be told one by one.
        bool isUnknown = list.Length == 0;
        int at = 0;
        while (ChangeEntries.TryRead(list, ref at, out ChangeAction action, out ReadOnlySpan<byte> path, out bool isDamaged))
        {
            TakeChange(action, MemoryMarshal.Cast<byte, char>(path));
            isUnknown |= isDamaged;
        }
        if (isUnknown || at < list.Length)
        {
            HearAll();
        }
    }

    private void TakeChange(ChangeAction action, ReadOnlySpan<char> path)
    {
        PathNode directory = Root;
        while (true)
        {
            int end = path.IndexOf('\\');
            if (SmbName.TryDecode(MemoryMarshal.AsBytes(end < 0 ? path : path[..end])) is not { } name)
            {
                return;
            }
            if (end < 0)
            {
                // What is being written here is known better here, until it is closed.
                bool isModified = action == ChangeAction.Modified;
                if (!isModified || FindKnown(directory, name) is not { } node || !IsWritten(node))
                {
                    Doubt(directory, name, isOther: !isModified);
                }
                return;
            }
            if (FindKnown(directory, name) is not { IsDirectory: true } below)
            {
                return;
            }
            directory = below;
            path = path[(end + 1)..];
        }
    }

    private bool IsWritten(PathNode node)
    {
        lock (_inodes)
        {
            return _inodes.TryGetValue(node.Inode, out OpenInode? open) && open.Files.Exists(file => file.IsWritable);
        }
    }
}
