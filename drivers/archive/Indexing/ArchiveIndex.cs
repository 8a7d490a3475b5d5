using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Trees;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Archive.Indexing;

/// <summary>
/// One archive's index file: it is used if it is of this very archive, and otherwise made, after the archive was opened. It is an
/// optimization only: whatever is wrong with it, the archive opens without.
/// </summary>
internal sealed class ArchiveIndex : IAsyncDisposable
{
    /// <summary>
    /// How long opening waits for a file to be compared with its checksums: some 200 MB if the kernel has them in memory. A longer one,
    /// or one from a slow disk, is compared while it is used.
    /// </summary>
    private static readonly TimeSpan CheckPatience = TimeSpan.FromMilliseconds(100);

    /// <summary>More than the kernel's clock tick: changes within one leave the same time.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>Archives that open faster than this are not worth a file.</summary>
    private static readonly TimeSpan WorthKeeping = TimeSpan.FromMilliseconds(100);

    /// <summary>How long who closes the archive waits for its file to be written.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IndexFolder? _folder;
    private readonly ArchiveFile? _file;
    private readonly DriverLog _log;
    private readonly string _source = "";
    private readonly ArchiveGuard? _guard;
    private bool _mustKeep;
    private Task _work = Task.CompletedTask;

    private ArchiveIndex() => _log = DriverLog.Silent;

    /// <param name="folder">Where the file is kept.</param>
    /// <param name="file">The archive.</param>
    /// <param name="variant">What else decides what the archive shows: the same archive has a file for each.</param>
    /// <param name="log">Where to say what becomes of it.</param>
    /// <param name="mustKeep">Whether the file is kept however fast the archive opens without.</param>
    public ArchiveIndex(IndexFolder folder, ArchiveFile file, string variant, DriverLog log, bool mustKeep)
    {
        _folder = folder;
        _file = file;
        _log = log;
        _source = $"{file.RealPath}\0{variant}";
        WaitForTick(file.GetIdentity().ChangeTime);
        _guard = ArchiveGuard.Read(file);
        _mustKeep = mustKeep || folder.KeepsAll;
        Path = folder.GetPath(SectionChecksum.Of(System.Text.Encoding.UTF8.GetBytes(_source)).ToString());
    }

    /// <summary>No index is read or kept.</summary>
    public static ArchiveIndex None { get; } = new() { Failure = "only of an archive that is one file, opened without union= and nested" };

    /// <summary>The file.</summary>
    public string Path { get; } = "";

    /// <summary>How long it is, with the further file.</summary>
    public long Length => new FileInfo(Path).Length + (HasAside ? new FileInfo(AsidePath).Length : 0);

    /// <summary>Whether the archive was opened by it.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Why there is none; null if there is one, or none was wanted.</summary>
    public string? Failure { get; private set; } = "the archive cannot be read";

    /// <summary>Opens an archive by its index, or else by reading it, and keeps the index then.</summary>
    /// <param name="kind">What the file has, with a version.</param>
    /// <param name="log">Where warnings of the reading go.</param>
    /// <param name="load">Takes it from the file; null if it does not fit.</param>
    /// <param name="read">Reads the archive; warnings to the log that is given are kept, too.</param>
    public T Open<T>(string kind, DriverLog log, Func<IndexFile, T?> load, Func<DriverLog, T> read) where T : ArchiveListing
    {
        if (_folder is null || _guard is null)
        {
            return read(log);
        }
        long start = Stopwatch.GetTimestamp();
        if (TryLoad(kind, load) is { } loaded)
        {
            IsUsed = true;
            Failure = null;
            _log.Information(string.Create(CultureInfo.InvariantCulture, $"{_file!.Path}: opened by its index {Path} in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms"));
            return loaded;
        }
        start = Stopwatch.GetTimestamp();
        NotedLog noted = new(log);
        T listing = read(noted);
        if (!listing.Tree.CanSave)
        {
            Failure = "its names take too much room for an index file";
        }
        else if (listing.IsSecret)
        {
            Failure = "its list of files is encrypted";
        }
        else if (!listing.IsLasting)
        {
            Failure = "a part of the archive could not be read";
        }
        else if (_mustKeep || Stopwatch.GetElapsedTime(start) >= WorthKeeping)
        {
            _work = _file!.RunAsync(() => TrySave(kind, listing, noted.Lines));
        }
        return listing;
    }

    /// <summary>Whether there is a further file, of what was found out while the archive was read.</summary>
    public bool HasAside => _folder is not null && _guard is not null && File.Exists(AsidePath);

    private string AsidePath => System.IO.Path.ChangeExtension(Path, "points" + IndexFolder.Extension);

    /// <summary>The further file, if it is of this very archive and undamaged; reads all of it.</summary>
    public IndexFile? LoadAside(string kind)
    {
        using SafeFileHandle? handle = IndexFolder.TryOpen(AsidePath, _file!.Files);
        try
        {
            return handle is not null && IndexFile.Open(handle) is { } saved && saved.IsIntact(handle) && Matches(kind, saved.GetRecord(IndexSections.Manifest)) ? saved : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the further file; waits for the disk.</summary>
    public void SaveAside(string kind, Action<IndexWriter> save)
    {
        if (_folder is not null && _guard is not null)
        {
            TryWrite(AsidePath, kind, [], save);
        }
    }

    /// <summary>Waits until the file is written.</summary>
    public Task CompleteAsync() => _work;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // What was decoded for a minute is not thrown away because a short look was enough; a disk that hangs does not keep the process.
        await Task.WhenAny(_work, Task.Delay(Patience)).ConfigureAwait(false);
    }

    private static void WaitForTick(Timestamp changed)
    {
        TimeSpan age = DateTime.UtcNow - DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(changed.Seconds, 0, uint.MaxValue)).UtcDateTime.AddTicks(changed.Nanoseconds / 100);
        if (age >= TimeSpan.Zero && age < Tick)
        {
            Thread.Sleep(Tick - age);
        }
    }

    private T? TryLoad<T>(string kind, Func<IndexFile, T?> load) where T : ArchiveListing
    {
        SafeFileHandle? handle = IndexFolder.TryOpen(Path, _file!.Files);
        if (handle is null)
        {
            return null;
        }
        T? listing = null;
        string problem = "damaged, or of another version";
        try
        {
            if (TryMap(handle, out Task<bool> check) is { } saved)
            {
                listing = TryLoad(kind, saved, load, ref problem);
                if (listing is not null && !check.Wait(CheckPatience))
                {
                    _work = WatchAsync(check, listing.Tree);
                }
                else if (listing is not null && !check.Result)
                {
                    listing = null;
                    problem = "damaged";
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or InvalidDataException or IndexOutOfRangeException or UnauthorizedAccessException)
        {
            // What a damaged file that was not yet compared with its checksums leads to.
            listing = null;
            problem = exception.Message;
        }
        if (listing is null)
        {
            _log.Information($"{_file.Path}: its index {Path} is {problem}: the archive is read again");
            _mustKeep = true;
        }
        return listing;
    }

    /// <summary>Maps a file and begins to compare it with its checksums, beside those who read it; null if it is none. The handle is no longer the caller's.</summary>
    private IndexFile? TryMap(SafeFileHandle handle, out Task<bool> check)
    {
        IndexFile? saved = null;
        check = Task.FromResult(false);
        try
        {
            saved = IndexFile.Open(handle);
        }
        finally
        {
            if (saved is null)
            {
                handle.Dispose();
            }
        }
        if (saved is not null)
        {
            check = _file!.RunAsync(() => IsIntact(saved, handle));
        }
        return saved;
    }

    private static bool IsIntact(IndexFile saved, SafeFileHandle handle)
    {
        using (handle)
        {
            try
            {
                return saved.IsIntact(handle);
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    private T? TryLoad<T>(string kind, IndexFile saved, Func<IndexFile, T?> load, ref string problem) where T : ArchiveListing
    {
        IndexRecordReader manifest = saved.GetRecord(IndexSections.Manifest);
        if (!Matches(kind, manifest))
        {
            problem = "of another state of the archive, or of another version";
            return null;
        }
        List<string> notes = [];
        for (int count = manifest.ReadInt32(0, NotedLog.MaxLines); count > 0; count--)
        {
            notes.Add(manifest.ReadText());
        }
        T? listing = manifest.IsAtEnd ? load(saved) : null;
        if (listing is null || !saved.IsComplete)
        {
            return null;
        }
        notes.ForEach(_log.Warning);
        return listing;
    }

    private async Task WatchAsync(Task<bool> check, Tree tree)
    {
        if (!await check.ConfigureAwait(false))
        {
            // Nobody can say what was answered wrongly: nothing is answered any more.
            tree.Invalidate();
            IndexFolder.TryDelete(Path);
            _log.Error($"{_file!.Path}: its index {Path} is damaged, and was removed; open the archive again");
        }
    }

    private bool Matches(string kind, IndexRecordReader manifest)
        => manifest.ReadText() == kind && manifest.ReadText() == _source && _guard!.Value.Matches(manifest);

    private bool TrySave(string kind, ArchiveListing listing, IReadOnlyList<string> notes)
    {
        Failure = TryWrite(Path, kind, notes, listing.Save);
        return Failure is null;
    }

    /// <summary>Writes a file; tells why not.</summary>
    private string? TryWrite(string path, string kind, IReadOnlyList<string> notes, Action<IndexWriter> save)
    {
        try
        {
            IndexRecord manifest = new();
            manifest.Write(kind);
            manifest.Write(_source);
            _guard!.Value.Save(manifest);
            manifest.Write(notes.Count);
            foreach (string note in notes)
            {
                manifest.Write(note);
            }
            if (ArchiveGuard.Read(_file!) != _guard)
            {
                return "the archive has changed";
            }
            _folder!.Write(path, stream =>
            {
                IndexWriter writer = new(stream);
                writer.Add(IndexSections.Manifest, manifest);
                save(writer);
                writer.Complete();
            });
            return null;
        }
        catch (Exception exception)
        {
            // Of whatever kind: the archive is open without.
            string line = $"{_file!.Path}: its index is not kept: {exception.Message}";
            if (_folder!.KeepsAll)
            {
                // The user named the place.
                _log.Warning(line);
            }
            else
            {
                _log.Information(line);
            }
            return exception.Message;
        }
    }
}
