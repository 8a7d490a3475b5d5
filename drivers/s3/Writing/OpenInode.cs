using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Reading;
using Kaleidofs.Paths;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.S3.Writing;

/// <summary>
/// What all handles of one file have in common: what was written and the server has not. Reading and writing fields takes <see cref="Turn"/>,
/// but for reads of <see cref="Staged"/>, <see cref="Size"/> and <see cref="Sent"/>.
/// </summary>
internal sealed class OpenInode(PathNode node)
{
    private long _size;

    public PathNode Node => node;

    /// <summary>Its open handles, counted under the filesystem's lock.</summary>
    public int Handles { get; set; }

    /// <summary>One at a time writes, or sends.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>All of the content, once something has been written.</summary>
    public volatile SafeFileHandle? Staged;

    /// <summary>What it takes of the room for staged content, in bytes.</summary>
    public long Reserved { get; set; }

    /// <summary>The staged content's length in bytes.</summary>
    public long Size
    {
        get => Volatile.Read(ref _size);
        set => Volatile.Write(ref _size, value);
    }

    /// <summary>The server has not all that was written.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Its name was removed here: what is written goes with the last handle.</summary>
    public bool IsUnlinked { get; set; }

    /// <summary>The version that is changed; null if there was none.</summary>
    public string? Base { get; set; }

    /// <summary>An upload of the content's beginning, sent while the rest is being written.</summary>
    public MultipartUpload? Upload { get; set; }

    /// <summary>Owner, mode or time were set since the last that was sent.</summary>
    public bool HasNewMetadata { get; set; }

    /// <summary>So far the content was written from its beginning, in order, since it was empty; -1 if it was not.</summary>
    public long Sequential { get; set; } = -1;

    /// <summary>What this process sent last: handles that had an earlier version go on with this.</summary>
    public volatile OpenObject? Sent;
}
