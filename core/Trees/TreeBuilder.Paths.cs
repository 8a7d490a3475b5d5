namespace Kaleidofs.Trees;

/// <content>From a path to the directory that holds its last component.</content>
public sealed partial class TreeBuilder
{
    private static ReadOnlySpan<byte> Dot => "."u8;

    private static ReadOnlySpan<byte> DotDot => ".."u8;

    /// <summary>Splits off the last component that means something; none for a path that names the root.</summary>
    private static void Split(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> directory, out ReadOnlySpan<byte> name)
    {
        directory = path;
        do
        {
            directory = directory.TrimEnd((byte)'/');
            int slash = directory.LastIndexOf((byte)'/');
            name = directory[(slash + 1)..];
            directory = directory[..(slash + 1)];
        }
        while (name.SequenceEqual(Dot));
    }

    /// <summary>Takes the next component off a path; false at its end.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> path, out ReadOnlySpan<byte> component)
    {
        while (!path.IsEmpty)
        {
            int slash = path.IndexOf((byte)'/');
            component = slash < 0 ? path : path[..slash];
            path = slash < 0 ? [] : path[(slash + 1)..];
            if (!component.IsEmpty && !component.SequenceEqual(Dot))
            {
                return true;
            }
        }
        component = default;
        return false;
    }

    private static PathRefusal Check(ReadOnlySpan<byte> component)
        => component.SequenceEqual(DotDot) ? PathRefusal.ParentReference
            : component.Length > FileSystem.MaxNameLength ? PathRefusal.NameTooLong
            : component.Contains((byte)0) ? PathRefusal.ContainsNul
            : PathRefusal.None;

    /// <summary>Finds (or makes) the directory for a name, and what has that name in it: 0 for nothing, and for the root.</summary>
    private PathRefusal FindPlace(ReadOnlySpan<byte> directoryPath, ReadOnlySpan<byte> name, out int parent, out int existing)
    {
        parent = 0;
        existing = 0;
        PathRefusal refusal = directoryPath.Length + name.Length > MaxPathLength ? PathRefusal.TooDeep : Check(name);
        if (refusal == PathRefusal.None)
        {
            refusal = FindDirectory(directoryPath, out parent);
        }
        if (refusal == PathRefusal.None && !name.IsEmpty)
        {
            existing = _names.Find(parent, name);
        }
        return refusal;
    }

    private PathRefusal FindDirectory(ReadOnlySpan<byte> path, out int directory)
    {
        directory = _lastDirectory;
        if (path.Length == _lastDirectoryLength && path.SequenceEqual(_lastDirectoryPath.AsSpan(0, path.Length)))
        {
            return PathRefusal.None;
        }
        directory = 0;
        PathRefusal refusal = CheckAll(path);
        if (refusal != PathRefusal.None)
        {
            return refusal;
        }
        ReadOnlySpan<byte> rest = path;
        while (TryTake(ref rest, out ReadOnlySpan<byte> component))
        {
            int existing = _names.Find(directory, component);
            if (existing == 0 || !_columns.IsDirectory(existing))
            {
                if (++_impliedCount > ImpliedAtLeast + (_addedCount * ImpliedPerEntry))
                {
                    return PathRefusal.TooManyDirectories;
                }
                existing = Place(directory, component, existing, _implied);
            }
            directory = existing;
        }
        Remember(path, directory);
        return PathRefusal.None;
    }

    private static PathRefusal CheckAll(ReadOnlySpan<byte> path)
    {
        int depth = 0;
        while (TryTake(ref path, out ReadOnlySpan<byte> component))
        {
            PathRefusal refusal = Check(component);
            if (refusal != PathRefusal.None)
            {
                return refusal;
            }
            if (++depth >= MaxDepth)
            {
                return PathRefusal.TooDeep;
            }
        }
        return PathRefusal.None;
    }

    private void Remember(ReadOnlySpan<byte> path, int directory)
    {
        if (_lastDirectoryPath.Length < path.Length)
        {
            _lastDirectoryPath = new byte[path.Length * 2];
        }
        path.CopyTo(_lastDirectoryPath);
        _lastDirectoryLength = path.Length;
        _lastDirectory = directory;
    }
}
