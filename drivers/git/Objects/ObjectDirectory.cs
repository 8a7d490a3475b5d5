using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>One directory of objects: its packs, and the loose ones. A repository has its own, and may have alternates.</summary>
internal sealed class ObjectDirectory(string path, ObjectFormat format, ContentCache cache, DamageLog log) : IDisposable
{
    /// <summary>Packs whose names are gone, kept open: readers may be on their way to them.</summary>
    private const int MaxRetired = 16;

    /// <summary>A directory that changed so lately may change again within the same tick of its clock.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    private readonly Lock _scanning = new();
    private readonly List<PackFile> _retired = [];
    private readonly HashSet<string> _refused = [];
    private volatile PackFile[] _packs = [];
    private volatile MultiPackIndex? _multiPackIndex;
    private DateTime _scanned = DateTime.MinValue;
    private DateTime _changed;

    public string Path { get; } = path;

    /// <summary>The packs as the last scan found them, those that are gone behind the others.</summary>
    public PackFile[] Packs => _packs;

    private string PackDirectory => System.IO.Path.Combine(Path, "pack");

    /// <summary>The pack that has an object, and where.</summary>
    public PackFile? Find(in ObjectId id, out long offset)
    {
        if (_multiPackIndex?.Find(id, out offset) is { } known)
        {
            return known;
        }
        foreach (PackFile pack in _packs)
        {
            try
            {
                if (pack.Index.TryFind(id, out offset))
                {
                    return pack;
                }
            }
            catch (Exception exception) when (exception is DamageException or IOException or ObjectDisposedException)
            {
                log.Write($"{pack.Path}: its index cannot be read: {exception.Message}");
            }
        }
        offset = 0;
        return null;
    }

    /// <summary>An object in a file of its own.</summary>
    public ObjectStream? OpenLoose(in ObjectId id) => LooseObjects.Open(Path, id, format);

    /// <summary>Looks which packs there are now.</summary>
    /// <returns>Whether anything may have changed since.</returns>
    public bool Scan()
    {
        lock (_scanning)
        {
            DateTime now = DateTime.UtcNow;
            DateTime changed = Directory.GetLastWriteTimeUtc(PackDirectory);
            if (changed == _changed && _scanned - changed > Tick)
            {
                return false;
            }
            Dictionary<string, PackFile> known = _packs.Except(_retired).ToDictionary(pack => pack.Path);
            List<PackFile> packs = [];
            foreach (string index in ListIndexes())
            {
                if (known.Remove(System.IO.Path.ChangeExtension(index, ".pack"), out PackFile? pack) || (pack = TryOpen(index)) is not null)
                {
                    packs.Add(pack);
                }
            }
            _retired.AddRange(known.Values);
            while (_retired.Count > MaxRetired)
            {
                _retired[0].Dispose();
                _retired.RemoveAt(0);
            }
            MultiPackIndex? previous = _multiPackIndex;
            _multiPackIndex = MultiPackIndex.TryOpen(System.IO.Path.Combine(PackDirectory, "multi-pack-index"), packs, format, cache, log);
            _packs = [.. packs, .. _retired];
            previous?.Dispose();
            (_scanned, _changed) = (now, changed);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_scanning)
        {
            _multiPackIndex?.Dispose();
            foreach (PackFile pack in _packs)
            {
                pack.Dispose();
            }
        }
    }

    /// <summary>The newest first, as objects that are asked for mostly are in them.</summary>
    private IEnumerable<string> ListIndexes()
    {
        try
        {
            return new DirectoryInfo(PackDirectory).GetFiles("pack-*.idx").OrderByDescending(file => file.LastWriteTimeUtc).Select(file => file.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private PackFile? TryOpen(string index)
    {
        try
        {
            return PackFile.Open(index, format, cache);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Replaced since it was listed: the next scan finds what replaced it.
            return null;
        }
        catch (Exception exception) when (exception is DamageException or IOException or UnauthorizedAccessException)
        {
            if (_refused.Add(index))
            {
                log.Write($"{index}: not used, as it or its pack is damaged: {exception.Message}");
            }
            return null;
        }
    }
}
