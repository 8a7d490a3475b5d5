using Kaleidofs.Drivers.Archive.Tar;

namespace Kaleidofs.Drivers.Archive.Single;

/// <summary>The file that a compressed file holds.</summary>
internal sealed class SingleVolume(int first, string identity, TarContent content) : ArchiveVolume(first, identity)
{
    public override ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        => content.ReadAsync(context, offset, count, destination);

    public override void Dispose() => content.Dispose();
}
