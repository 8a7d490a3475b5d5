using System.Globalization;
using Kaleidofs.Journaling;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>
/// The upper directory: a lock, the journal, and a file for the content of each inode, named by its number.
/// </summary>
/// <remarks>
/// A content's file is removed only when the journal that no longer needs it is on the disk: after a loss of power an
/// older journal may come back, and must find its files.
/// </remarks>
internal sealed class OverlayStore : IAsyncDisposable
{
    private const long CompactFrom = 1 << 20;
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(5);

    /// <summary>What its journal begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "kaleidofs overlay 1\n"u8;

    private readonly OverlaySettings _settings;
    private readonly FileStream _lock;
    private readonly Journal _journal;
    private readonly string _data;
    private readonly Lock _gate = new();
    private List<ulong> _discarded = [];
    private int _hasNewFiles;
    private int _isFlushScheduled;
    private volatile bool _isBroken;

    private OverlayStore(OverlaySettings settings, FileStream held, Journal journal)
    {
        _settings = settings;
        _lock = held;
        _journal = journal;
        _data = DataDirectory(settings);
    }

    /// <summary>Opens an upper directory, or makes one, and fills <paramref name="state"/> with what it has. It may wait for the disk.</summary>
    /// <exception cref="SourceException">It cannot be used.</exception>
    public static OverlayStore Open(OverlaySettings settings, string identity, OverlayState state)
    {
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(settings.Directory);
            string journal = Path.Combine(settings.Directory, "journal");
            if (!File.Exists(journal) && Directory.EnumerateFileSystemEntries(settings.Directory).Any(IsForeign))
            {
                throw Failure(settings, "it has files that are no overlay's; name a directory of its own");
            }
            held = Lock(settings);
            Directory.CreateDirectory(DataDirectory(settings));
            OverlayCommit.Finish(settings, journal, identity);
            if (!File.Exists(journal))
            {
                Write(settings, identity, state);
            }
            OverlayStore store = new(settings, held, Load(settings, journal, identity, state));
            store.CompareFiles(state);
            return store;
        }
        catch (Exception exception)
        {
            held?.Dispose();
            if (IoFailure.IsExpected(exception) || exception is InvalidDataException)
            {
                throw Failure(settings, exception.Message, exception);
            }
            throw;
        }
    }

    /// <summary>Opens the file of an inode's content. It may wait for the disk.</summary>
    public SafeFileHandle OpenData(ulong inode, FileMode mode)
    {
        string path = DataPath(inode);
        if (mode == FileMode.Create || !File.Exists(path))
        {
            Volatile.Write(ref _hasNewFiles, 1);
        }
        return File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>Appends a change to the journal. One at a time.</summary>
    public async ValueTask<Errno> AppendAsync(ReadOnlyMemory<byte> records)
    {
        Errno errno = await RunAsync(() => _journal.Append(records.Span)).ConfigureAwait(false);
        ScheduleFlush();
        return errno;
    }

    /// <summary>Returns when all changes so far are on the disk, and the content of one file.</summary>
    public ValueTask<Errno> FlushAsync(SafeFileHandle? data) => RunAsync(() => Flush(data));

    /// <summary>Returns when everything is on the disk: all changes so far, and the content of all files.</summary>
    public ValueTask<Errno> FlushAllAsync() => RunAsync(() =>
    {
        // One call for however many files were written and closed since; it takes others' along that are on the same disk.
        _settings.Writer.SyncFileSystem(_settings.Directory);
        Flush(null);
    });

    /// <summary>Returns when the content of a file and its name in the upper directory are on the disk.</summary>
    public ValueTask<Errno> FlushDataAsync(SafeFileHandle data) => RunAsync(() => FlushData(data));

    /// <summary>Removes an inode's file when nothing on the disk needs it any more.</summary>
    public void Discard(ulong inode)
    {
        lock (_gate)
        {
            _discarded.Add(inode);
        }
        ScheduleFlush();
    }

    /// <summary>Runs what waits for the upper directory's disk where it may.</summary>
    public async ValueTask<Errno> RunAsync(Action work)
    {
        if (_isBroken)
        {
            return Errno.EIO;
        }
        return await _settings.Files.RunAsync(() =>
        {
            try
            {
                work();
                return Errno.None;
            }
            catch (Exception exception) when (IoFailure.IsExpected(exception))
            {
                return IoFailure.ToErrno(exception);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Notes that the source has the changes as soon as it is found with an identity. It may wait for the disk.</summary>
    /// <exception cref="IOException">It is not noted.</exception>
    public void NoteCommit(string identity) => OverlayCommit.Note(_settings, identity);

    /// <summary>Begins anew, without changes, over the source that has them. Nothing is recorded any more. It may wait for the disk.</summary>
    /// <exception cref="IOException">The next one to open it does it.</exception>
    public void Retire(string identity)
    {
        _isBroken = true;
        OverlayCommit.Finish(_settings, Path.Combine(_settings.Directory, "journal"), identity);
        foreach (FileInfo file in new DirectoryInfo(_data).EnumerateFiles())
        {
            file.Delete();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await FlushAsync(null).ConfigureAwait(false);
        _isBroken = true;
        _journal.Dispose();
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    private static string DataDirectory(OverlaySettings settings) => Path.Combine(settings.Directory, "data");

    private static bool IsForeign(string path) => Path.GetFileName(path) is not ("lock" or "journal.new" or "data");

    private static FileStream Lock(OverlaySettings settings)
    {
        try
        {
            return new FileStream(Path.Combine(settings.Directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw Failure(settings, "another process or share uses it; end that one, or give each its own", exception);
        }
    }

    private static Journal Load(OverlaySettings settings, string path, string identity, OverlayState state)
    {
        Journal journal = Journal.Open(path, Magic, out string recorded, (records, _) => state.Apply(records));
        try
        {
            if (recorded != identity)
            {
                throw Failure(settings, $"its changes were made to another source or another version of it ({recorded}); this one is {identity}");
            }
            if (journal.CutOff > 0)
            {
                settings.Log.Warning($"overlay {settings.Directory}: the last {journal.CutOff} bytes of its journal were never confirmed and are not whole: cut off");
            }
            if (journal.Length < CompactFrom || journal.Length < Measure(state) * 2)
            {
                return journal;
            }
            Write(settings, identity, state);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
        journal.Dispose();
        return Journal.Open(path, Magic, out _, static (_, _) => { });
    }

    private static long Measure(OverlayState state)
    {
        long length = 0;
        state.Save(new RecordWriter(), records => length += records.Written.Length);
        return length;
    }

    /// <summary>Writes a journal of everything, and then puts it in the old one's place.</summary>
    internal static void Write(OverlaySettings settings, string identity, OverlayState state)
    {
        string path = Path.Combine(settings.Directory, "journal");
        using (Journal journal = Journal.Create(path + ".new", Magic, identity))
        {
            state.Save(new RecordWriter(), records => journal.Append(records.Written.Span));
            journal.Flush();
        }
        File.Move(path + ".new", path, overwrite: true);
        settings.Writer.SyncDirectory(settings.Directory);
    }

    /// <summary>Sizes are the files' own, and what was written to last has its file's time. Files that nobody needs are removed.</summary>
    private void CompareFiles(OverlayState state)
    {
        // What the files are compared with must not be lost after files were removed for it.
        _journal.Flush();
        Dictionary<ulong, OverlayNode> expected = state.Nodes.Where(node => node.HasContent).ToDictionary(node => node.Inode);
        foreach (FileInfo file in new DirectoryInfo(_data).EnumerateFiles())
        {
            if (!ulong.TryParse(file.Name, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong inode) || !expected.Remove(inode, out OverlayNode? node))
            {
                file.Delete();
                continue;
            }
            node.Attributes.Size = (ulong)file.Length;
            node.Attributes.Blocks = ((ulong)file.Length + 511) / 512;
            if (node.IsDirty)
            {
                node.Attributes.ModificationTime = Timestamp.From(file.LastWriteTimeUtc);
                node.Attributes.ChangeTime = node.Attributes.ModificationTime;
            }
        }
        foreach (OverlayNode node in expected.Values)
        {
            node.Attributes.Size = 0;
            node.Attributes.Blocks = 0;
        }
    }

    private void FlushData(SafeFileHandle data)
    {
        RandomAccess.FlushToDisk(data);
        if (Interlocked.Exchange(ref _hasNewFiles, 0) != 0)
        {
            _settings.Writer.SyncDirectory(_data);
        }
    }

    private void Flush(SafeFileHandle? data)
    {
        if (data is not null)
        {
            FlushData(data);
        }
        List<ulong> discarded;
        lock (_gate)
        {
            discarded = _discarded;
            _discarded = [];
        }
        try
        {
            _journal.Flush();
        }
        catch (IOException exception)
        {
            // What the kernel could not write it drops: from here on nobody knows what is on the disk.
            _isBroken = true;
            _settings.Log.Error($"overlay {_settings.Directory}: its journal cannot be written: {exception.Message}; every change fails from now on", exception);
            throw;
        }
        foreach (ulong inode in discarded)
        {
            File.Delete(DataPath(inode));
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
        await FlushAsync(null).ConfigureAwait(false);
    }

    private string DataPath(ulong inode) => Path.Combine(_data, inode.ToString("x", CultureInfo.InvariantCulture));

    private static SourceException Failure(OverlaySettings settings, string what, Exception? cause = null)
    {
        string message = $"cannot use the overlay {settings.Directory}: {what}";
        return cause is null ? new SourceException(message) : new SourceException(message, cause);
    }
}
