using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace Kaleidofs.Caching;

/// <summary>
/// The content cache's tier on disk: a directory with a file for each source, which survives restarts and which any number of
/// processes use at once. It may fail or fill up at any time: then blocks are decoded again, and nothing else is different.
/// </summary>
/// <param name="directory">Where the files are; null for nowhere, which is said when somebody wants the tier.</param>
/// <param name="bound">The most bytes that all files together may take.</param>
/// <param name="files">Has the threads that wait for the disk.</param>
/// <param name="log">Hears once why it does not work.</param>
internal sealed class DiskTier(string? directory, long bound, FileReader files, DriverLog log) : IDisposable
{
    /// <summary>The bound where nobody chose one.</summary>
    public const long DefaultBound = 8L << 30;

    private const int MaxIdentity = 4096;

    /// <summary>Copied blocks that wait to be written, 4 MiB: who brings more writes them itself, and so is no faster than the disk.</summary>
    private const int MaxBacklog = 32;

    /// <summary>Blocks that wait in the cache's own memory to be written: 8 MiB of S3's.</summary>
    private const int MaxHeld = 128;

    /// <summary>The most blocks that are written by one call.</summary>
    private const int MaxRun = 16;

    /// <summary>Threads that read ahead, and blocks for each that wait for it before there is another.</summary>
    private const int MaxReaders = 16;
    private const int ReadsForReader = 4;

    /// <summary>A disk that takes nothing for so long holds nobody up any more.</summary>
    private static readonly TimeSpan RoomPatience = TimeSpan.FromSeconds(2);

    private const long FailureInterval = 30_000;

    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(10);

    private readonly DiskSpace _space = new(directory ?? "", bound);
    private readonly DiskCounters _counters = new();
    private readonly ConcurrentQueue<PendingBlock> _backlog = new();
    private readonly SemaphoreSlim _room = new(MaxHeld);
    private readonly Queue<PendingRead> _reads = new();
    private int _readers;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DiskSource> _sources = new(StringComparer.Ordinal);
    private int _backlogCount;
    private bool _isWriting;
    private Task _writing = Task.CompletedTask;
    private bool? _isUsable;
    private int _hasComplained;
    private long _failedUntil;

    /// <summary>What it holds and did so far.</summary>
    public DiskTotals ReadTotals() => _counters.Read(bound, directory is null || _isUsable == false ? 0 : _space.ReadTotal());

    /// <summary>The blocks of a source on disk; null if they cannot be kept there. Waits for the disk.</summary>
    public DiskSource? Open(string identity)
    {
        if (identity.Length == 0 || Encoding.UTF8.GetByteCount(identity) > MaxIdentity)
        {
            return null;
        }
        lock (_lock)
        {
            if (_sources.TryGetValue(identity, out DiskSource? source) || !(_isUsable ??= Prepare()))
            {
                return source;
            }
            try
            {
                source = DiskSource.Open(directory!, identity, _space, _counters);
                _sources.Add(identity, source);
                return source;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Complain(exception.Message);
                return null;
            }
        }
    }

    /// <summary>Reads a block: at once if it is at hand and somebody waits for it, else on a thread that waits for the disk; false if it is not there.</summary>
    public ValueTask<bool> ReadAsync(DiskSource source, Block block, bool isAhead)
    {
        if (!isAhead && TryReadNow(source, block.Key, block.GetSpan()))
        {
            return new(true);
        }
        PendingRead read = new(source, block);
        lock (_reads)
        {
            _reads.Enqueue(read);
            if (_readers == MaxReaders || _reads.Count <= _readers * ReadsForReader)
            {
                return new(read.Done.Task);
            }
            _readers++;
        }
        files.RunAsync(ReadQueued);
        return new(read.Done.Task);
    }

    /// <summary>Reads a block if that waits for nothing and unpacks nothing.</summary>
    public bool TryReadNow(DiskSource source, BlockKey key, Span<byte> destination)
    {
        bool isThere = source.TryReadNow(files, key.Object, key.Index, destination);
        if (isThere)
        {
            _counters.CountHit();
        }
        return isThere;
    }

    /// <summary>A block was asked for that cannot be there.</summary>
    public void CountMiss() => _counters.CountMiss();

    /// <summary>Writes a block soon, or at once where many wait to be written: for threads that may wait for a disk.</summary>
    public void Write(DiskSource source, BlockKey key, ReadOnlySpan<byte> content)
    {
        if (!source.Wants(key.Object, key.Index, content) || Environment.TickCount64 < Volatile.Read(ref _failedUntil))
        {
            return;
        }
        if (Interlocked.Increment(ref _backlogCount) > MaxBacklog)
        {
            Interlocked.Decrement(ref _backlogCount);
            Append(source, key, content);
            return;
        }
        byte[] copy = ArrayPool<byte>.Shared.Rent(content.Length);
        content.CopyTo(copy);
        Enqueue(new PendingBlock(source, key, copy.AsMemory(0, content.Length), copy, null));
    }

    /// <summary>Writes a block soon that is in the cache's memory. The caller's reference goes with it.</summary>
    /// <returns>Complete when there is room for more.</returns>
    public ValueTask WriteAsync(DiskSource source, Block block)
    {
        if (Environment.TickCount64 < Volatile.Read(ref _failedUntil))
        {
            block.Release();
            return default;
        }
        PendingBlock pending = new(source, block.Key, block.Memory, null, block);
        if (_room.Wait(0))
        {
            Enqueue(pending);
            return default;
        }
        return WaitAsync();

        async ValueTask WaitAsync()
        {
            if (await _room.WaitAsync(RoomPatience).ConfigureAwait(false))
            {
                Enqueue(pending);
            }
            else
            {
                block.Release();
            }
        }
    }

    /// <summary>Waits until what was to be written is.</summary>
    public void Flush()
    {
        Task writing;
        lock (_backlog)
        {
            writing = _writing;
        }
        writing.Wait(FlushPatience);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        lock (_lock)
        {
            _isUsable = false;
            foreach (DiskSource source in _sources.Values)
            {
                source.Dispose();
            }
            _sources.Clear();
        }
    }

    private bool ReadQueued()
    {
        while (true)
        {
            PendingRead? read;
            lock (_reads)
            {
                if (!_reads.TryDequeue(out read))
                {
                    _readers--;
                    return true;
                }
            }
            try
            {
                bool isThere = read.Source.TryRead(read.Block.Key.Object, read.Block.Key.Index, read.Block.GetSpan());
                (isThere ? (Action)_counters.CountHit : _counters.CountMiss)();
                read.Done.SetResult(isThere);
            }
            catch (Exception exception)
            {
                read.Done.TrySetException(exception);
            }
        }
    }

    private void Enqueue(in PendingBlock block)
    {
        _backlog.Enqueue(block);
        lock (_backlog)
        {
            if (!_isWriting)
            {
                _isWriting = true;
                _writing = files.RunAsync(WriteBacklog);
            }
        }
    }

    private bool WriteBacklog()
    {
        List<PendingBlock> run = new(MaxRun);
        while (true)
        {
            run.Clear();
            while (run.Count < MaxRun && _backlog.TryPeek(out PendingBlock next) && (run.Count == 0 || next.Source == run[0].Source) && _backlog.TryDequeue(out next))
            {
                run.Add(next);
            }
            if (run.Count > 0)
            {
                Append(run);
                continue;
            }
            lock (_backlog)
            {
                if (_backlog.IsEmpty)
                {
                    _isWriting = false;
                    return true;
                }
            }
        }
    }

    private void Append(List<PendingBlock> run)
    {
        try
        {
            run[0].Source.Append(run);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
        finally
        {
            foreach (PendingBlock block in run)
            {
                if (block.Block is { } held)
                {
                    held.Release();
                    _room.Release();
                }
                else
                {
                    ArrayPool<byte>.Shared.Return(block.Buffer!);
                    Interlocked.Decrement(ref _backlogCount);
                }
            }
        }
    }

    private void Append(DiskSource source, BlockKey key, ReadOnlySpan<byte> content)
    {
        try
        {
            source.Append(key.Object, key.Index, content);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        Volatile.Write(ref _failedUntil, Environment.TickCount64 + FailureInterval);
        Complain(exception.Message);
    }

    /// <summary>Makes the directory. Others must not be able to write there: a checksum does not tell who wrote.</summary>
    private bool Prepare()
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (directory is null)
        {
            Complain("neither XDG_CACHE_HOME nor HOME says where; name a directory with --disk-cache-dir");
            return false;
        }
        try
        {
#pragma warning disable CA1416 // The host is a program for Linux.
            if ((Directory.CreateDirectory(directory, Private).UnixFileMode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0)
#pragma warning restore CA1416
            {
                return true;
            }
            Complain("other users may write there; chmod go-w, or name another with --disk-cache-dir");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Complain(exception.Message);
        }
        return false;
    }

    private void Complain(string reason)
    {
        if (Interlocked.Exchange(ref _hasComplained, 1) == 0)
        {
            log.Information($"the disk cache{(directory is null ? "" : $" {directory}")} is not used: {reason}; what it would have is decoded again");
        }
    }

    private sealed record PendingRead(DiskSource Source, Block Block)
    {
        /// <summary>Who waits goes on at once, on the thread that has read.</summary>
        public TaskCompletionSource<bool> Done { get; } = new();
    }
}
