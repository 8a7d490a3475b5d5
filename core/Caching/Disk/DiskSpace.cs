namespace Kaleidofs.Caching;

/// <summary>
/// The room that all processes' tiers share in one directory. Who writes takes some MiB ahead; when these are used up it looks
/// what all have written, and removes the sources that were not opened for longest and that no process has open.
/// </summary>
/// <remarks>Processes that write at the same moment may pass the bound by what they took ahead, a 64th of it each, 16 MiB at most.</remarks>
internal sealed class DiskSpace(string directory, long bound)
{
    /// <summary>How a source's file ends.</summary>
    public const string FileSuffix = ".blocks";

    /// <summary>How the file ends whose lock its writer holds.</summary>
    public const string WriterSuffix = ".writer";

    private const long MaxAhead = 16 << 20;

    /// <summary>The disk is not filled up: a twentieth of it, or this, is left to others.</summary>
    private const long MaxLeftFree = 1L << 30;

    private const long Freshness = 5000;

    private readonly Lock _lock = new();
    private long _ahead;
    private long _total;
    private long _measured = -Freshness;
    private long _fullUntil;

    public long Bound => bound;

    /// <summary>Room for so many bytes; false if there is none, and none can be made.</summary>
    public bool TryReserve(int bytes)
    {
        lock (_lock)
        {
            if (_ahead >= bytes)
            {
                _ahead -= bytes;
                return true;
            }
            if (Environment.TickCount64 < _fullUntil)
            {
                return false;
            }
            long wanted = Math.Max(Math.Min(bound / 64, MaxAhead), bytes);
            Measure();
            if (_total + wanted > bound)
            {
                Evict(bound - wanted);
            }
            long granted = Math.Min(wanted, Math.Min(bound - _total, GetUsableSpace()));
            if (granted < bytes)
            {
                _fullUntil = Environment.TickCount64 + Freshness;
                return false;
            }
            _ahead = granted - bytes;
            return true;
        }
    }

    /// <summary>What was taken ahead is not there: the disk is full.</summary>
    public void GiveUp()
    {
        lock (_lock)
        {
            _ahead = 0;
            _fullUntil = Environment.TickCount64 + Freshness;
        }
    }

    /// <summary>What all sources take, as of a few seconds ago.</summary>
    public long ReadTotal()
    {
        lock (_lock)
        {
            if (Environment.TickCount64 - _measured >= Freshness)
            {
                Measure();
            }
            return _total;
        }
    }

    private void Measure()
    {
        _total = List().Sum(file => file.Length);
        _measured = Environment.TickCount64;
    }

    private IEnumerable<(string Path, long Length, DateTime Used)> List()
    {
        FileInfo[] files;
        try
        {
            files = new DirectoryInfo(directory).GetFiles("*" + FileSuffix);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        foreach (FileInfo file in files)
        {
            // Another process may have removed it since.
            if (file.Exists)
            {
                yield return (file.FullName, file.Length, file.LastWriteTimeUtc);
            }
        }
    }

    private void Evict(long target)
    {
        foreach ((string path, long length, DateTime _) in List().OrderBy(file => file.Used).ToArray())
        {
            if (_total <= target)
            {
                return;
            }
            if (TryRemove(path))
            {
                _total -= length;
            }
        }
    }

    /// <summary>Removes a source that nobody has open: who has holds a shared lock on its file.</summary>
    private static bool TryRemove(string path)
    {
        try
        {
            using FileStream exclusive = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            File.Delete(path);
            File.Delete(Path.ChangeExtension(path, WriterSuffix));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private long GetUsableSpace()
    {
        try
        {
            DriveInfo disk = new(directory);
            return disk.AvailableFreeSpace - Math.Min(MaxLeftFree, disk.TotalSize / 20);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Writing finds out.
            return long.MaxValue;
        }
    }
}
