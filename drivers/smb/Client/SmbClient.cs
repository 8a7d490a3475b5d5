using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>A share for as long as it is wanted: connected anew when the connection breaks, with all that was asked asked again.</summary>
/// <param name="target">The share.</param>
/// <param name="patience">How long a request is tried.</param>
/// <param name="report">Hears, in one line, when the server is gone, and when it is back.</param>
internal sealed class SmbClient(SmbTarget target, TimeSpan patience, Action<string> report) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private Task<SmbShare>? _share;
    private bool _isGone;
    private long _requests;

    public SmbTarget Target => target;

    /// <summary>How often something was done on the share.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Connects for the first time.</summary>
    /// <exception cref="SmbException">That failed.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        SmbShare share = await SmbLogon.OpenAsync(target, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _share = Task.FromResult(share);
        }
    }

    /// <summary>Does something on the share. If the connection breaks meanwhile, it is done again on the next, and told that it may have been done before.</summary>
    public async Task<SmbResult<T>> RunAsync<T>(Func<SmbShare, bool, Task<SmbResult<T>>> work, CancellationToken cancellationToken = default)
    {
        long begun = Environment.TickCount64;
        TimeSpan pause = FirstPause;
        bool wasTried = false;
        Interlocked.Increment(ref _requests);
        while (true)
        {
            SmbResult<T> result = NtStatus.ConnectionDisconnected;
            SmbShare? share = await GetShareAsync().ConfigureAwait(false);
            if (share is not null)
            {
                bool isRetry = wasTried;
                wasTried = true;
                result = await work(share, isRetry).ConfigureAwait(false);
                if (result.Status is not (NtStatus.ConnectionDisconnected or NtStatus.NetworkSessionExpired or NtStatus.UserSessionDeleted or NtStatus.NetworkNameDeleted))
                {
                    return result;
                }
                await DropAsync(share).ConfigureAwait(false);
                if (!isRetry)
                {
                    continue;
                }
            }
            if (Environment.TickCount64 - begun > patience.TotalMilliseconds || _ending.IsCancellationRequested)
            {
                return result;
            }
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
            try
            {
                await Task.Delay(pause, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return NtStatus.Cancelled;
            }
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    /// <summary>The same for what returns no more than a status.</summary>
    public async Task<NtStatus> RunAsync(Func<SmbShare, bool, Task<NtStatus>> work)
        => (await RunAsync<bool>(async (share, isRetry) => await work(share, isRetry).ConfigureAwait(false)).ConfigureAwait(false)).Status;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        Task<SmbShare>? share;
        lock (_lock)
        {
            share = _share;
            _share = null;
        }
        if (share is not null)
        {
            await ((Task)share).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (share.IsCompletedSuccessfully)
            {
                await (await share.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>The share on a connection that works as far as is known; null if none can be made now.</summary>
    private async Task<SmbShare?> GetShareAsync()
    {
        Task<SmbShare> connecting;
        lock (_lock)
        {
            if (_ending.IsCancellationRequested)
            {
                return null;
            }
            // All who wait, wait for the same attempt.
            connecting = _share ??= Task.Run(() => SmbLogon.OpenAsync(target, _ending.Token));
        }
        try
        {
            SmbShare share = await connecting.ConfigureAwait(false);
            if (share.Connection.IsUsable)
            {
                ReportOnce(false, "the server is back");
                return share;
            }
            ReportOnce(true, share.Connection.Failure ?? "");
            await DropAsync(share).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was, the next attempt may succeed.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ReportOnce(true, exception.Message);
            lock (_lock)
            {
                _share = _share == connecting ? null : _share;
            }
        }
        return null;
    }

    private async Task DropAsync(SmbShare share)
    {
        lock (_lock)
        {
            if (_share is { IsCompletedSuccessfully: true } known && known.Result == share)
            {
                _share = null;
            }
        }
        await share.DisposeAsync().ConfigureAwait(false);
    }

    private void ReportOnce(bool isGone, string message)
    {
        lock (_lock)
        {
            if (_isGone == isGone)
            {
                return;
            }
            _isGone = isGone;
        }
        report(message);
    }
}
