using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>A file that is made from what the repository says, when somebody asks for its size or reads it. What was made is in the content cache; it can be made again.</summary>
/// <param name="number">Its number.</param>
/// <param name="parent">The directory that it is in.</param>
/// <param name="key">What it is.</param>
/// <param name="time">When it was last changed.</param>
/// <param name="texts">Where it is kept.</param>
/// <param name="make">Makes it, the same each time. May wait for a disk.</param>
internal sealed class TextNode(ulong number, Node parent, object key, Timestamp time, TextCache texts, Func<Result<ReadOnlyMemory<byte>>> make) : Node(number, parent, key)
{
    private const long Unknown = -1;

    private readonly Lock _making = new();
    private readonly BlockKey _block = texts.NewKey();
    private long _size = Unknown;

    /// <summary>Whether its size is known: only what somebody asks for itself is made.</summary>
    public override bool HasAttributes => Volatile.Read(ref _size) != Unknown;

    public override Attributes Attributes => NodeAttributes.OfText(Inode, Math.Max(0, Volatile.Read(ref _size)), time);

    /// <summary>Sees to it that the size is known. May wait for a disk.</summary>
    public override Errno Prepare() => HasAttributes ? Errno.None : Make(out _);

    /// <summary>Reads what is in memory; false if it must be made.</summary>
    public bool TryRead(long offset, PayloadWriter destination)
    {
        if (!texts.TryGet(_block, out BlockLease lease))
        {
            return false;
        }
        using (lease)
        {
            Write(lease.Span, offset, destination);
            return true;
        }
    }

    /// <summary>Reads it. May wait for a disk.</summary>
    public Errno Read(long offset, PayloadWriter destination)
    {
        if (TryRead(offset, destination))
        {
            return Errno.None;
        }
        Errno errno = Make(out ReadOnlyMemory<byte> text);
        Write(text.Span, offset, destination);
        return errno;
    }

    private Errno Make(out ReadOnlyMemory<byte> text)
    {
        lock (_making)
        {
            if (HasAttributes && texts.TryGet(_block, out BlockLease lease))
            {
                using (lease)
                {
                    text = lease.Span.ToArray();
                    return Errno.None;
                }
            }
            Result<ReadOnlyMemory<byte>> made = make();
            text = made.IsOk ? made.Value : default;
            if (made.IsOk)
            {
                texts.Add(_block, text.Span);
                Volatile.Write(ref _size, text.Length);
            }
            return made.Errno;
        }
    }

    private static void Write(ReadOnlySpan<byte> text, long offset, PayloadWriter destination)
    {
        text = text[(int)Math.Clamp(offset, 0, text.Length)..];
        destination.Write(text[..Math.Min(text.Length, destination.Remaining)]);
    }
}
