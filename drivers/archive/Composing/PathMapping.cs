namespace Kaleidofs.Drivers.Archive.Composing;

/// <summary>Where an archive's paths stand in the tree: beneath a prefix, without what is above a directory, without leading components.</summary>
/// <param name="prefix">The directory of the tree that the archive's root is; empty for the root.</param>
/// <param name="root">The components of the archive's directory that is shown as its root; none for all of it.</param>
/// <param name="strip">How many leading components are dropped after that.</param>
internal sealed class PathMapping(byte[] prefix, byte[][] root, int strip)
{
    private byte[] _buffer = [];

    /// <summary>All paths as they are.</summary>
    public static PathMapping None => new([], [], 0);

    private bool IsIdentity { get; } = prefix.Length == 0 && root.Length == 0 && strip == 0;

    /// <summary>The path in the tree, valid until the next call; false if the tree does not show it.</summary>
    /// <param name="path">The path in the archive.</param>
    /// <param name="isDirectory">Whether it is a directory's: that of what is dropped becomes the root.</param>
    /// <param name="mapped">The path in the tree.</param>
    /// <param name="isStripped">Whether it is not shown because it has too few components.</param>
    public bool TryMap(ReadOnlySpan<byte> path, bool isDirectory, out ReadOnlySpan<byte> mapped, out bool isStripped)
    {
        mapped = path;
        isStripped = false;
        if (IsIdentity)
        {
            return true;
        }
        ReadOnlySpan<byte> rest = path;
        foreach (byte[] component in root)
        {
            if (!TryTake(ref rest, out ReadOnlySpan<byte> taken) || !taken.SequenceEqual(component))
            {
                return false;
            }
        }
        for (int i = 0; i < strip; i++)
        {
            if (!TryTake(ref rest, out _))
            {
                isStripped = true;
                return false;
            }
        }
        bool isRoot = !HasMore(rest);
        if (isRoot && !isDirectory && (root.Length > 0 || strip > 0))
        {
            isStripped = true;
            return false;
        }
        mapped = prefix.Length == 0 ? rest : Join(rest);
        // What an inner archive's root is like, the archive's own file tells.
        return !isRoot || !isDirectory || prefix.Length == 0;
    }

    private static bool HasMore(ReadOnlySpan<byte> rest) => TryTake(ref rest, out _);

    /// <summary>Takes the next component that means something.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> path, out ReadOnlySpan<byte> component)
    {
        while (!path.IsEmpty)
        {
            int slash = path.IndexOf((byte)'/');
            component = slash < 0 ? path : path[..slash];
            path = slash < 0 ? [] : path[(slash + 1)..];
            if (!component.IsEmpty && !component.SequenceEqual("."u8))
            {
                return true;
            }
        }
        component = default;
        return false;
    }

    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> path)
    {
        int length = prefix.Length + 1 + path.Length;
        if (_buffer.Length < length)
        {
            _buffer = new byte[length * 2];
            prefix.CopyTo(_buffer, 0);
            _buffer[prefix.Length] = (byte)'/';
        }
        path.CopyTo(_buffer.AsSpan(prefix.Length + 1));
        return _buffer.AsSpan(0, length);
    }
}
