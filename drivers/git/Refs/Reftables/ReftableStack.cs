using System.Text;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Refs.Reftables;

/// <summary>A directory of tables, those that <c>tables.list</c> names: what a later one says counts. Its calls may wait for a disk.</summary>
internal sealed class ReftableStack(string directory, ObjectFormat format)
{
    private const int MaxTables = 4096;
    private const int MaxList = MaxTables * 256;
    private const int MaxTable = 1 << 30;

    /// <summary>Tables are merged while somebody reads: then the list names others.</summary>
    private const int MaxAttempts = 100;

    private readonly Lock _lock = new();
    private Dictionary<string, Reftable> _known = [];

    /// <summary>What the newest table that knows a name says.</summary>
    /// <returns>ENOENT if the ref is deleted, or in no table.</returns>
    /// <exception cref="DamageException">A table is damaged.</exception>
    public Result<RefValue> Read(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        Reftable[] tables = Open();
        for (int i = tables.Length - 1; i >= 0; i--)
        {
            if (tables[i].TryGet(bytes, out RefValue? value))
            {
                return value is { } found ? found : Errno.ENOENT;
            }
        }
        return Errno.ENOENT;
    }

    /// <summary>The names that begin so.</summary>
    /// <exception cref="DamageException">A table is damaged.</exception>
    public SortedSet<string> List(string prefix)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        byte[] bytes = Encoding.UTF8.GetBytes(prefix);
        foreach (Reftable table in Open())
        {
            foreach ((byte[] name, bool isDeleted) in table.List(bytes))
            {
                string text = Encoding.UTF8.GetString(name);
                _ = isDeleted ? names.Remove(text) : names.Add(text);
            }
        }
        return names;
    }

    /// <summary>The tables as they are now, the oldest first. A table never changes, so each is read once.</summary>
    private Reftable[] Open()
    {
        lock (_lock)
        {
            for (int attempt = 1; ; attempt++)
            {
                try
                {
                    string[] names = ReadNames();
                    Dictionary<string, Reftable> open = [];
                    foreach (string name in names)
                    {
                        open[name] = _known.TryGetValue(name, out Reftable? known) ? known : Load(name);
                    }
                    _known = open;
                    return [.. names.Select(name => open[name])];
                }
                catch (FileNotFoundException) when (attempt < MaxAttempts)
                {
                    // Merged into another since the list was read.
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    throw new DamageException(exception.Message);
                }
            }
        }
    }

    private string[] ReadNames()
    {
        byte[]? list = ReadFile("tables.list", MaxList);
        if (list is null)
        {
            return [];
        }
        string[] names = Encoding.UTF8.GetString(list).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return names.Length <= MaxTables && names.All(IsName) && names.Distinct().Count() == names.Length ? names
            : throw new DamageException($"{directory}/tables.list is damaged");
    }

    private Reftable Load(string name)
    {
        byte[] bytes = ReadFile(name, MaxTable) ?? throw new FileNotFoundException($"{directory}/{name}: no such file");
        try
        {
            return Reftable.Parse(bytes, format);
        }
        catch (DamageException exception)
        {
            throw new DamageException($"{directory}/{name}: {exception.Message}");
        }
    }

    private byte[]? ReadFile(string name, int limit)
    {
        try
        {
            using FileStream file = new(Path.Combine(directory, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.Length > limit)
            {
                throw new DamageException($"{directory}/{name}: {file.Length} bytes, where at most {limit} are read");
            }
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A file in the directory, and none elsewhere.</summary>
    private static bool IsName(string name) => name[0] != '.' && !name.Contains('/', StringComparison.Ordinal) && !name.Contains('\0', StringComparison.Ordinal);
}
