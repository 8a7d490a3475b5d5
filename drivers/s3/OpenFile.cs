using Kaleidofs.Drivers.S3.Reading;
using Kaleidofs.Drivers.S3.Writing;

namespace Kaleidofs.Drivers.S3;

/// <summary>A handle.</summary>
/// <param name="inode">What it has in common with others.</param>
/// <param name="flags">How it was opened.</param>
/// <param name="pinned">The version that it reads.</param>
internal sealed class OpenFile(OpenInode inode, OpenFlags flags, OpenObject pinned)
{
    private OpenObject? _seen = inode.Sent;
    private OpenObject _pinned = pinned;

    public OpenInode Inode => inode;

    public bool IsAppending => (flags & OpenFlags.Append) != 0;

    public bool IsWritable => (flags & OpenFlags.AccessMode) != 0;

    /// <summary>The version that it reads: the one that it was opened with, or what this process made of that since.</summary>
    public OpenObject Object
    {
        get
        {
            if (inode.Sent is { } sent && sent != _seen)
            {
                _seen = sent;
                _pinned = sent;
            }
            return _pinned;
        }
    }
}
