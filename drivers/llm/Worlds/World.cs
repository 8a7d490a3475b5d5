using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Kaleidofs.Journaling;

namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>
/// A world as far as it is known: a tree in memory, built from a journal and by nothing else. What is generated is on the disk before it
/// is in the tree, so nothing is served that could be lost. One process at a time writes it; all of its shares use one.
/// </summary>
internal sealed partial class World : IAsyncDisposable
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ulong, WorldNode> _nodes = new();
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly WorldFolder _folder;
    private readonly FileReader _files;
    private readonly DriverLog _log;
    private readonly FileStream? _lock;
    private readonly Journal _journal;
    private int _isFlushScheduled;
    private volatile bool _isBroken;

    private World(WorldFolder folder, bool isFrozen, FileReader files, DriverLog log)
    {
        _folder = folder;
        _files = files;
        _log = log;
        IsFrozen = isFrozen;
        _lock = isFrozen ? null : Lock(folder);
        try
        {
            _journal = Load();
            Compare();
        }
        catch (Exception exception) when (exception is InvalidDataException)
        {
            _lock?.Dispose();
            throw new SourceException($"cannot use the world in {folder.Path}: its journal is damaged or of another version ({exception.Message}); move that folder away to begin anew", exception);
        }
        catch
        {
            _lock?.Dispose();
            throw;
        }
    }

    /// <summary>Guards all that stands in nodes. Held for moments.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether nothing is added any more.</summary>
    public bool IsFrozen { get; }

    public WorldFolder Folder => _folder;

    public Spending Spending { get; } = new();

    public WorldNode Root => _nodes[FileSystem.RootInode];

    /// <summary>All entries, removed ones that are open too.</summary>
    public IEnumerable<WorldNode> Nodes => _nodes.Values;

    /// <summary>How many entries there are.</summary>
    public int Count => _nodes.Count;

    public ulong NextInode { get; private set; } = FileSystem.RootInode + 1;

    public ulong NextSequence { get; private set; } = 1;

    public ulong NextData { get; private set; } = 1;

    /// <summary>A number for a new data file, which no other has.</summary>
    public ulong TakeData()
    {
        lock (Gate)
        {
            return NextData++;
        }
    }

    /// <summary>Opens a world, or begins it. It may wait for the disk.</summary>
    /// <exception cref="SourceException">It cannot be used.</exception>
    public static World Open(WorldFolder folder, bool isFrozen, FileReader files, DriverLog log)
    {
        try
        {
            if (!isFrozen)
            {
                folder.Make();
            }
            else if (!File.Exists(folder.Journal))
            {
                throw new SourceException($"there is no world in {folder.Path} yet: nothing was generated that could be replayed; open it without -o frozen first");
            }
            return new World(folder, isFrozen, files, log);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"cannot use the world in {folder.Path}: {exception.Message}", exception);
        }
    }

    public bool TryGet(ulong inode, [NotNullWhen(true)] out WorldNode? node) => _nodes.TryGetValue(inode, out node);

    /// <summary>Makes a change: what <paramref name="build"/> records is appended, and then is so in the tree.</summary>
    /// <param name="build">Looks at the tree, which nobody changes meanwhile, and records what is to be; what it returns is the outcome if it is a failure.</param>
    /// <param name="isDurable">Whether it is on the disk before anybody sees it. A user's own changes are so when they are synchronized.</param>
    public async ValueTask<Errno> ChangeAsync(Func<RecordWriter, Errno> build, bool isDurable = false)
    {
        if (IsFrozen)
        {
            return Errno.EROFS;
        }
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            RecordWriter records = new();
            Errno errno;
            lock (Gate)
            {
                errno = build(records);
            }
            if (errno != Errno.None || records.IsEmpty)
            {
                return errno;
            }
            long position = 0;
            errno = await RunAsync(() =>
            {
                position = _journal.Append(records.Written.Span);
                if (isDurable)
                {
                    Flush();
                }
            }).ConfigureAwait(false);
            if (errno == Errno.None)
            {
                lock (Gate)
                {
                    Apply(records.Written.Span, position);
                }
                if (!isDurable)
                {
                    ScheduleFlush();
                }
            }
            return errno;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Reads generated content where it stands in the journal, as much as there is.</summary>
    public ValueTask<int> ReadAsync(Content content, long offset, int count, PayloadWriter destination)
    {
        Piece[] pieces = content.Pieces;
        if (pieces is [Piece only])
        {
            return _files.ReadAsync(_journal.File, only.Position + offset, count, destination);
        }
        return ReadPiecesAsync(pieces, offset, count, destination);
    }

    /// <summary>Reads generated content into memory.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task<byte[]> ReadAllAsync(Content content, int limit)
    {
        int count = (int)Math.Min(content.Length, limit);
        ArrayPayloadWriter payload = new(count);
        if (count > 0)
        {
            await ReadAsync(content, 0, count, payload).ConfigureAwait(false);
        }
        return payload.Content.ToArray();
    }

    /// <summary>Runs what may wait for the disk.</summary>
    public async ValueTask<Errno> RunAsync(Action work)
    {
        if (_isBroken)
        {
            return Errno.EIO;
        }
        try
        {
            await _files.RunAsync(() =>
            {
                work();
                return true;
            }).ConfigureAwait(false);
            return Errno.None;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return exception.HResult switch
            {
                (int)Errno.ENOSPC => Errno.ENOSPC,
                (int)Errno.EDQUOT => Errno.EDQUOT,
                (int)Errno.EFBIG => Errno.EFBIG,
                _ => Errno.EIO,
            };
        }
    }

    /// <summary>Returns when all that was changed before is on the disk.</summary>
    public ValueTask<Errno> FlushAsync() => IsFrozen ? new(Errno.None) : RunAsync(Flush);

    /// <summary>The last handle of an entry is closed: what has no name goes.</summary>
    public void Drop(WorldNode node)
    {
        lock (Gate)
        {
            if (node.IsGone && node.Opens == 0)
            {
                _nodes.TryRemove(node.Inode, out _);
                if (node.Content.IsWritten)
                {
                    node.Data?.Dispose();
                    Discard(node.Content.Data);
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await FlushAsync().ConfigureAwait(false);
        _isBroken = true;
        foreach (WorldNode node in _nodes.Values)
        {
            node.Data?.Dispose();
        }
        _journal.Dispose();
        if (_lock is not null)
        {
            await _lock.DisposeAsync().ConfigureAwait(false);
        }
        _changing.Dispose();
    }

    private static FileStream Lock(WorldFolder folder)
    {
        try
        {
            return folder.Lock();
        }
        catch (IOException exception)
        {
            throw new SourceException($"the world in {folder.Path} is in use by another process; end that one, look at what it has generated so far with -o frozen, or give this one a folder of its own with -o worlds=DIR", exception);
        }
    }

    private Journal Load()
    {
        if (!IsFrozen)
        {
            if (File.Exists(_folder.Journal))
            {
                KeepTail();
            }
            else
            {
                Begin();
            }
        }
        Journal journal = Journal.Open(_folder.Journal, WorldFolder.Magic, out string identity, Apply, IsFrozen);
        if (identity != _folder.Identity)
        {
            journal.Dispose();
            throw new SourceException($"the world in {_folder.Path} has another premise, style, language or seed; give this one a folder of its own with -o worlds=DIR");
        }
        if (journal.CutOff > 0 && !IsFrozen)
        {
            _log.Warning($"{_folder.Path}: the last {journal.CutOff} bytes of its journal are not whole: cut off, and kept in {WorldFolder.TailName}; files of users that it may have told of are in {WorldFolder.DataTailName}");
        }
        return journal;
    }

    /// <summary>
    /// Keeps what will be cut off. As a rule it is a change that a crash interrupted, and nobody saw; behind a damaged disk block it is all that came
    /// after, which nobody can generate again.
    /// </summary>
    private void KeepTail()
    {
        using Journal journal = Journal.Open(_folder.Journal, WorldFolder.Magic, out _, static (_, _) => { }, isReadOnly: true);
        if (journal.CutOff > 0)
        {
            using FileStream from = new(_folder.Journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using FileStream to = new(_folder.GetTailPath(), FileMode.CreateNew);
            from.Position = journal.Length;
            from.CopyTo(to);
            to.Flush(flushToDisk: true);
        }
    }

    /// <summary>A journal that has the root, put in its place when it is whole.</summary>
    private void Begin()
    {
        Timestamp now = Timestamp.From(DateTimeOffset.UtcNow);
        RecordWriter records = new();
        records.AddNode(new NodeFacts
        {
            Inode = FileSystem.RootInode,
            Parent = 0,
            Sequence = 0,
            Name = [],
            Mode = FileType.Directory | 0b111_101_101,
            ModificationTime = now,
            ChangeTime = now,
        });
        using (Journal journal = Journal.Create(_folder.Journal + ".new", WorldFolder.Magic, _folder.Identity))
        {
            journal.Append(records.Written.Span);
            journal.Flush();
        }
        File.Move(_folder.Journal + ".new", _folder.Journal, overwrite: true);
    }

    /// <summary>Sizes and times of what users wrote are their files' own.</summary>
    private void Compare()
    {
        HashSet<ulong> kept = [];
        foreach (WorldNode node in _nodes.Values.Where(node => node.Content.IsWritten))
        {
            kept.Add(node.Content.Data);
            FileInfo file = new(_folder.GetDataPath(node.Content.Data));
            node.Measure(file.Exists ? file.Length : 0, file.Exists ? file.LastWriteTimeUtc : DateTime.UnixEpoch);
        }
        // What was cut off may have known of more of them.
        NextData = Math.Max(NextData, _folder.FindLastData() + 1);
        if (!IsFrozen)
        {
            _folder.ClearDataBut(kept, keepsAside: _journal.CutOff > 0);
        }
    }

    /// <summary>Waits for the disk.</summary>
    private void Flush()
    {
        try
        {
            _journal.Flush();
        }
        catch (IOException exception)
        {
            // What the kernel could not write it drops: from here on nobody knows what is on the disk.
            _isBroken = true;
            _log.Error($"{_folder.Path}: its journal cannot be written: {exception.Message}; every change fails from now on", exception);
            throw;
        }
    }

    /// <summary>Removes a content's file once the journal that no longer needs it is on the disk. While the journal is read, that is left to <see cref="Compare"/>.</summary>
    private void Discard(ulong data)
    {
        if (_journal is not null && !IsFrozen)
        {
            _ = RunAsync(() =>
            {
                Flush();
                File.Delete(_folder.GetDataPath(data));
            }).AsTask();
        }
    }

    /// <summary>What nobody asked to be safe is so a few seconds later.</summary>
    private void ScheduleFlush()
    {
        if (Interlocked.Exchange(ref _isFlushScheduled, 1) == 0)
        {
            _ = FlushLaterAsync();
        }
    }

    private async Task FlushLaterAsync()
    {
        await Task.Delay(FlushInterval).ConfigureAwait(false);
        Volatile.Write(ref _isFlushScheduled, 0);
        await FlushAsync().ConfigureAwait(false);
    }

    private async ValueTask<int> ReadPiecesAsync(Piece[] pieces, long offset, int count, PayloadWriter destination)
    {
        int index = FindPiece(pieces, offset);
        int done = 0;
        while (done < count && index < pieces.Length)
        {
            Piece piece = pieces[index++];
            long skip = offset + done - piece.Start;
            int part = (int)Math.Min(piece.Length - skip, count - done);
            int read = await _files.ReadAsync(_journal.File, piece.Position + skip, part, destination).ConfigureAwait(false);
            done += read;
            if (read < part)
            {
                throw new IOException("the journal ends within a record");
            }
        }
        return done;
    }

    private static int FindPiece(Piece[] pieces, long offset)
    {
        int low = 0;
        int high = pieces.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = pieces[middle].Start <= offset ? (middle, high) : (low, middle - 1);
        }
        return low;
    }
}
