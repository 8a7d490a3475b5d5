using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Archive;

/// <summary>
/// The archive's file, read by position. Never mapped: a mapped file that somebody cuts off ends the process
/// (SIGBUS), a read of one is only short.
/// </summary>
internal sealed class ArchiveFile : ByteSource
{
    private readonly SafeFileHandle _handle;
    private readonly FileReader? _reader;
    private readonly DriverLog _log;
    private readonly DateTime _modified;
    private int _complained;

    private ArchiveFile(string path, SafeFileHandle handle, FileReader? reader, DriverLog log)
    {
        Path = path;
        _handle = handle;
        _reader = reader;
        _log = log;
        _modified = File.GetLastWriteTimeUtc(handle);
        Length = RandomAccess.GetLength(handle);
    }

    public override string Path { get; }

    /// <summary>The open file, for what copies ranges of it.</summary>
    public SafeFileHandle Handle => _handle;

    /// <summary>The length that it had when it was opened.</summary>
    public override long Length { get; }

    /// <inheritdoc/>
    public override bool IsClosed => _handle.IsClosed;

    /// <inheritdoc/>
    public override Timestamp ModificationTime => Timestamp.From(_modified);

    /// <summary>Where it is, without symbolic links.</summary>
    public string RealPath => new FileInfo($"/proc/self/fd/{_handle.DangerousGetHandle()}").LinkTarget ?? System.IO.Path.GetFullPath(Path);

    /// <summary>The length that it has now.</summary>
    public long CurrentLength => RandomAccess.GetLength(_handle);

    /// <summary>When it was changed last, by now.</summary>
    public Timestamp CurrentModificationTime => Timestamp.From(File.GetLastWriteTimeUtc(_handle));

    /// <summary>Starts what reads it in a process of its own.</summary>
    public WorkerStarter Workers { get; init; } = WorkerStarter.None;

    /// <summary>Reads this machine's files.</summary>
    public FileReader Files => Reader;

    /// <summary>Which file it is.</summary>
    public FileIdentity GetIdentity() => Reader.GetIdentity(_handle);

    /// <summary>The reader of a file that is served; one that is only looked at while it is opened has none.</summary>
    private FileReader Reader => _reader ?? throw new InvalidOperationException("The file was opened without a reader");

    /// <exception cref="SourceException">It cannot be opened.</exception>
    public static ArchiveFile Open(string path, DriverLog log, FileReader? reader = null, WorkerStarter? workers = null)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new SourceException($"{path}: a directory, not an archive; name a zip or tar file");
            }
            return new ArchiveFile(path, File.OpenHandle(path), reader, log) { Workers = workers ?? WorkerStarter.None };
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SourceException($"{path}: no such file; check the name", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new SourceException($"{path}: permission denied; the host's user must be able to read it", exception);
        }
        catch (Exception exception) when (exception is IOException or NotSupportedException or ArgumentException)
        {
            throw new SourceException($"{path}: cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Fills <paramref name="destination"/>, waiting for the disk; false, with one line in the log, if the file has no longer what it had or the disk fails.</summary>
    public override bool TryRead(long position, Span<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int count = RandomAccess.Read(_handle, destination, position);
                if (count == 0)
                {
                    Complain(position);
                    return false;
                }
                position += count;
                destination = destination[count..];
            }
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        catch (IOException exception)
        {
            Complain(position, exception);
            return false;
        }
    }

    /// <inheritdoc/>
    public override bool TryReadNow(long position, Span<byte> destination)
    {
        try
        {
            return Reader.TryReadNow(_handle, position, destination);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override Task<T> RunAsync<T>(Func<T> work) => Reader.RunAsync(work);

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(long position, int count, PayloadWriter destination)
    {
        try
        {
            ValueTask<int> read = Reader.ReadAsync(_handle, position, count, destination);
            return read.IsCompletedSuccessfully ? new(Check(position, count, read.Result)) : new(CheckAsync(position, count, read));
        }
        catch (ObjectDisposedException)
        {
            return new(Errno.EIO);
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _handle.Dispose();

    private async Task<Errno> CheckAsync(long position, int count, ValueTask<int> read)
    {
        try
        {
            return Check(position, count, await read.ConfigureAwait(false));
        }
        catch (ObjectDisposedException)
        {
            return Errno.EIO;
        }
        catch (IOException exception)
        {
            Complain(position, exception);
            return Errno.EIO;
        }
    }

    private Errno Check(long position, int count, int read)
    {
        if (read == count)
        {
            return Errno.None;
        }
        Complain(position + read);
        return Errno.EIO;
    }

    private void Complain(long position, IOException exception)
    {
        if (Interlocked.Exchange(ref _complained, 1) == 0)
        {
            _log.Error($"{Path}: reading failed at {position}: {exception.Message}");
        }
    }

    private void Complain(long position)
    {
        if (Interlocked.Exchange(ref _complained, 1) == 0)
        {
            string what = RandomAccess.GetLength(_handle) != Length || File.GetLastWriteTimeUtc(_handle) != _modified
                ? "changed while it is open; open it again"
                : $"ends before {position}";
            _log.Error($"{Path}: {what}");
        }
    }
}
