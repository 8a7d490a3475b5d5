using System.Collections.Concurrent;
using System.Text;
using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>All objects of a repository: its own packs and loose objects, and those of its alternates. Its calls may wait for a disk.</summary>
/// <remarks>
/// Somebody may repack the repository at any moment. What is missing is looked for again after the directories have been: objects go from files
/// of their own to packs, and from packs to other packs, which are there before the old ones are removed.
/// </remarks>
internal sealed class ObjectDatabase : IDisposable
{
    private const int MaxAttempts = 4;
    private const int MaxAlternates = 1000;
    private const int MaxDepth = 5;
    private const int MaxDamaged = 10_000;

    private readonly ContentCache _cache;
    private readonly DamageLog _log;
    private readonly List<ObjectDirectory> _directories = [];
    private readonly HashSet<string> _paths = [];
    private readonly ConcurrentDictionary<(PackFile Pack, ObjectId Id), bool> _damaged = new();

    public ObjectDatabase(string path, ObjectFormat format, ContentCache cache, DamageLog log)
    {
        (Format, _cache, _log) = (format, cache, log);
        Add(path, depth: 0);
    }

    public ObjectFormat Format { get; }

    /// <summary>Some objects are only at the remote (extensions.partialClone).</summary>
    public bool IsPartial { get; init; }

    /// <summary>The object.</summary>
    /// <returns>ENOENT if it is not there, EIO if it is damaged.</returns>
    public Result<ObjectStream> Open(in ObjectId id) => Find(id, static (pack, offset) => pack.OpenObject(offset), static loose => loose);

    /// <summary>An object's size, without its content.</summary>
    /// <returns>ENOENT if it is not there, EIO if it is damaged.</returns>
    public Result<long> GetSize(in ObjectId id) => Find(id, static (pack, offset) => pack.ReadSize(offset), static loose =>
    {
        using (loose)
        {
            return loose.Size;
        }
    });

    /// <summary>What an object is.</summary>
    /// <returns>ENOENT if it is not there, EIO if it is damaged.</returns>
    public Result<ObjectKind> GetKind(in ObjectId id) => Find(id, static (pack, offset) => pack.ReadKind(offset), static loose =>
    {
        using (loose)
        {
            return loose.Kind;
        }
    });

    /// <summary>All of an object of a kind.</summary>
    /// <returns>ENOENT if it is not there, EIO if it is damaged, too large, or of another kind.</returns>
    public Result<ObjectBuffer> Read(in ObjectId id, ObjectKind kind, int limit)
    {
        while (true)
        {
            Result<ObjectStream> opened = Open(id);
            if (!opened.IsOk)
            {
                return opened.Errno;
            }
            using ObjectStream stream = opened.Value;
            if (stream.Kind != kind)
            {
                _log.Write($"{id.ToHex(Format)}: a {stream.Kind}, where a {kind} should be");
                return Errno.EIO;
            }
            if (stream.Size > limit)
            {
                _log.Write($"{id.ToHex(Format)}: a {stream.Kind} of {stream.Size} bytes, where at most {limit} are read");
                return Errno.EIO;
            }
            try
            {
                return stream.ReadAll(limit);
            }
            catch (DamageException exception)
            {
                if (!NoteDamage(stream, id, exception))
                {
                    return Errno.EIO;
                }
            }
        }
    }

    /// <summary>What is said of an object that something else names, and that is not there. It is EIO then: the rest reads well.</summary>
    public Errno Miss(in ObjectId id)
    {
        string hex = id.ToHex(Format);
        _log.Write(IsPartial ? $"object {hex} is missing: this is a partial clone, and 'git cat-file -e {hex}' there fetches it" : $"object {hex} is missing");
        return Errno.EIO;
    }

    /// <summary>Notes that an object turned out to be damaged while it was read, so that this copy of it is not read again.</summary>
    /// <returns>Whether there may be another copy.</returns>
    public bool NoteDamage(ObjectStream stream, in ObjectId id, DamageException exception)
    {
        LogDamage(id, exception);
        return stream.Origin is { } pack && _damaged.Count < MaxDamaged && _damaged.TryAdd((pack, id), true);
    }

    /// <summary>Says that an object is damaged.</summary>
    public Errno LogDamage(in ObjectId id, DamageException exception)
    {
        _log.Write($"object {id.ToHex(Format)} is damaged: {exception.Message}");
        return Errno.EIO;
    }

    /// <summary>Notes that a tree has names that are not served.</summary>
    public void LogRefused(in ObjectId id, int count)
        => _log.Write($"tree {id.ToHex(Format)}: {count} entries are not served: no name, '.', '..', '.git', a slash within, too long, twice there, or of no known kind");

    /// <summary>Objects whose names begin with these hexadecimal digits, four at least; not more than <paramref name="limit"/>.</summary>
    public HashSet<ObjectId> FindByPrefix(string digits, int limit)
    {
        HashSet<ObjectId> found = [];
        Span<byte> bytes = stackalloc byte[ObjectId.MaxLength];
        if (!ObjectId.TryParsePrefix(Encoding.UTF8.GetBytes(digits), bytes))
        {
            return found;
        }
        ObjectId first = ObjectId.Read(bytes[..Format.IdLength]);
        foreach (ObjectDirectory directory in _directories)
        {
            foreach (PackFile pack in directory.Packs)
            {
                AddFromPack(pack, first, digits, limit, found);
            }
            foreach (ObjectId id in LooseObjects.Find(directory.Path, digits, Format))
            {
                if (found.Count < limit)
                {
                    found.Add(id);
                }
            }
        }
        return found;
    }

    /// <summary>Looks which packs there are now.</summary>
    /// <returns>Whether anything may have changed.</returns>
    public bool Scan()
    {
        bool hasChanged = false;
        foreach (ObjectDirectory directory in _directories)
        {
            hasChanged |= directory.Scan();
        }
        return hasChanged;
    }

    public void Dispose()
    {
        foreach (ObjectDirectory directory in _directories)
        {
            directory.Dispose();
        }
    }

    private Result<T> Find<T>(in ObjectId id, Func<PackFile, long, T> packed, Func<ObjectStream, T> loose)
    {
        HashSet<PackFile>? damaged = null;
        for (int attempt = 1; ; attempt++)
        {
            foreach (ObjectDirectory directory in _directories)
            {
                if (directory.Find(id, out long offset) is { } pack && TryRead(pack, offset, id, packed, ref damaged, out T? value))
                {
                    return value!;
                }
            }
            foreach (ObjectDirectory directory in _directories)
            {
                try
                {
                    if (directory.OpenLoose(id) is { } stream)
                    {
                        return loose(stream);
                    }
                }
                catch (Exception exception) when (exception is DamageException or IOException or UnauthorizedAccessException)
                {
                    _log.Write($"object {id.ToHex(Format)} cannot be read: {exception.Message}");
                    damaged ??= [];
                }
            }
            if (damaged is not null)
            {
                return FindElsewhere(id, packed, damaged, out T? value) ? value! : Errno.EIO;
            }
            if (attempt == MaxAttempts || !Scan())
            {
                return Errno.ENOENT;
            }
        }
    }

    private bool TryRead<T>(PackFile pack, long offset, in ObjectId id, Func<PackFile, long, T> read, ref HashSet<PackFile>? damaged, out T? value)
    {
        if (!_damaged.IsEmpty && _damaged.ContainsKey((pack, id)))
        {
            (damaged ??= []).Add(pack);
            value = default;
            return false;
        }
        try
        {
            value = read(pack, offset);
            return true;
        }
        catch (ObjectDisposedException)
        {
            // Long replaced, and closed: the next scan finds the object elsewhere.
        }
        catch (Exception exception) when (exception is DamageException or IOException)
        {
            _log.Write($"object {id.ToHex(Format)} is damaged in {pack.Path}: {exception.Message}");
            (damaged ??= []).Add(pack);
        }
        value = default;
        return false;
    }

    /// <summary>Of an object that is damaged somewhere there may be another copy.</summary>
    private bool FindElsewhere<T>(in ObjectId id, Func<PackFile, long, T> packed, HashSet<PackFile> damaged, out T? value)
    {
        foreach (PackFile pack in _directories.SelectMany(directory => directory.Packs))
        {
            try
            {
                if (!damaged.Contains(pack) && pack.Index.TryFind(id, out long offset) && TryRead(pack, offset, id, packed, ref damaged!, out value))
                {
                    return true;
                }
            }
            catch (Exception exception) when (exception is DamageException or IOException or ObjectDisposedException)
            {
                // Its index is damaged, which has been said.
            }
        }
        value = default;
        return false;
    }

    private void AddFromPack(PackFile pack, in ObjectId first, string digits, int limit, HashSet<ObjectId> found)
    {
        try
        {
            IdTable ids = pack.Index.Ids;
            for (uint place = ids.Find(first, out _); place < ids.Count && found.Count < limit; place++)
            {
                ObjectId id = ids[place];
                if (!id.ToHex(Format).StartsWith(digits, StringComparison.OrdinalIgnoreCase))
                {
                    break;
                }
                found.Add(id);
            }
        }
        catch (Exception exception) when (exception is DamageException or IOException or ObjectDisposedException)
        {
            _log.Write($"{pack.Path}: its index cannot be read: {exception.Message}");
        }
    }

    private void Add(string path, int depth)
    {
        path = Path.GetFullPath(path);
        if (depth > MaxDepth || _paths.Count > MaxAlternates || !_paths.Add(path))
        {
            return;
        }
        ObjectDirectory directory = new(path, Format, _cache, _log);
        directory.Scan();
        _directories.Add(directory);
        foreach (string alternate in Alternates.Read(path))
        {
            string? refusal = Alternates.GetRefusal(alternate);
            if (refusal is not null)
            {
                _log.Write(refusal);
                continue;
            }
            Add(alternate, depth + 1);
        }
    }
}
