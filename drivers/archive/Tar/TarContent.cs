namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A tar's bytes, read by position: from the file itself, or decoded.</summary>
internal abstract class TarContent : IDisposable
{
    /// <summary>Reads bytes that exist; the destination has room for them.</summary>
    public abstract ValueTask<Errno> ReadAsync(RequestContext context, long position, int count, PayloadWriter destination);

    /// <inheritdoc/>
    public abstract void Dispose();
}
