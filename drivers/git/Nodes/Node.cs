namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>An inode that the table has: a directory, or what is made for the tree of all refs. Files of commits are their directory's.</summary>
/// <param name="number">Its number, as directories are numbered.</param>
/// <param name="parent">The directory that it is in; null for the root.</param>
/// <param name="key">What it is, told apart from all others.</param>
internal abstract class Node(ulong number, Node? parent, object key)
{
    private const long Dead = -1;

    private long _references;

    /// <summary>Its number without files; the root has <see cref="InodeNumbers.Root"/>.</summary>
    public ulong Number => number;

    /// <summary>The inode number that others see.</summary>
    public ulong Inode => number == InodeNumbers.Root ? FileSystem.RootInode : number;

    public Node? Parent => parent;

    public object Key => key;

    /// <summary>How long its name leads to it.</summary>
    public virtual CacheTime NameTime => CacheTime.Forever;

    public abstract Attributes Attributes { get; }

    /// <summary>Whether the attributes are known without waiting; if not, those that are shown are not to be kept.</summary>
    public virtual bool HasAttributes => true;

    /// <summary>Sees to it that the attributes are known. May wait for a disk.</summary>
    public virtual Errno Prepare() => Errno.None;

    /// <summary>Where a symbolic link leads.</summary>
    public virtual ReadOnlyMemory<byte>? Target => null;

    /// <summary>Takes a reference for the kernel; false if it is gone already.</summary>
    public bool TryReference()
    {
        long seen = Volatile.Read(ref _references);
        while (seen != Dead)
        {
            long before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }
            seen = before;
        }
        return false;
    }

    /// <summary>Gives references back; true if none is left.</summary>
    public bool Release(ulong count)
    {
        long seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            long left = count >= (ulong)seen ? 0 : seen - (long)count;
            long before = Interlocked.CompareExchange(ref _references, left, seen);
            if (before == seen)
            {
                return left == 0;
            }
            seen = before;
        }
        return false;
    }

    /// <summary>Sees to it that nobody takes a reference any more; false if somebody has one.</summary>
    public bool TryEnd() => Interlocked.CompareExchange(ref _references, Dead, 0) == 0;
}
