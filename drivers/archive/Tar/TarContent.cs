using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A tar's bytes, read by position: from the file itself, or decoded.</summary>
internal abstract class TarContent : IDisposable
{
    /// <summary>Reads bytes that exist; the destination has room for them.</summary>
    public abstract ValueTask<Errno> ReadAsync(RequestContext context, long position, int count, PayloadWriter destination);

    /// <summary>The bytes for whoever reads an archive in them, on a thread that may wait. They stay this object's.</summary>
    public abstract ByteSource OpenBytes(CursorPool cursors);

    /// <inheritdoc/>
    public abstract void Dispose();
}
