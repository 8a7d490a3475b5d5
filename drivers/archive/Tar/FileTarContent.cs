using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>A plain tar's bytes.</summary>
internal sealed class FileTarContent(ByteSource file) : TarContent
{
    public override ValueTask<Errno> ReadAsync(RequestContext context, long position, int count, PayloadWriter destination)
        => file.ReadAsync(position, count, destination);

    public override ByteSource OpenBytes(CursorPool cursors) => file;

    public override void Dispose() => file.Dispose();
}
