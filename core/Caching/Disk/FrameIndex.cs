namespace Kaleidofs.Caching;

/// <summary>Where in a source's file each block's frame stands. For all threads; nobody waits for a disk under its lock.</summary>
internal sealed class FrameIndex
{
    /// <summary>As many frames a source, so that content that unfolds without end does not take memory without end: 32 GiB of content, some 15 MB here.</summary>
    public const int MaxFrames = 1 << 18;

    private readonly Lock _lock = new();
    private readonly Dictionary<(ulong Object, ulong Index), Frame> _frames = [];

    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return _frames.Count >= MaxFrames;
            }
        }
    }

    public bool TryGet(ulong file, ulong index, out Frame frame)
    {
        lock (_lock)
        {
            return _frames.TryGetValue((file, index), out frame);
        }
    }

    /// <summary>Notes a frame; the last one of a block counts.</summary>
    public void Set(in FrameHeader header, long offset)
    {
        lock (_lock)
        {
            if (_frames.Count < MaxFrames || _frames.ContainsKey((header.Object, header.Index)))
            {
                _frames[(header.Object, header.Index)] = new Frame(offset, header.StoredLength, header.Length, header.ContentChecksum);
            }
        }
    }

    /// <summary>Forgets a frame that turned out damaged, unless another has taken its place.</summary>
    public void Remove(ulong file, ulong index, in Frame frame)
    {
        lock (_lock)
        {
            if (_frames.TryGetValue((file, index), out Frame present) && present == frame)
            {
                _frames.Remove((file, index));
            }
        }
    }
}

/// <summary>A frame's place, and what it must hold.</summary>
/// <param name="Offset">Where its header begins.</param>
/// <param name="StoredLength">The bytes behind the header.</param>
/// <param name="Length">The content's length.</param>
/// <param name="Checksum">The content's checksum.</param>
internal readonly record struct Frame(long Offset, int StoredLength, int Length, ulong Checksum);
