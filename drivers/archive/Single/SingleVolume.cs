using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Drivers.Archive.Tar;

namespace Kaleidofs.Drivers.Archive.Single;

/// <summary>The file that a compressed file holds.</summary>
internal sealed class SingleVolume(ArchiveListing listing, TarContent content) : ArchiveVolume(listing)
{
    public override ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        => content.ReadAsync(context, offset, count, destination);

    public override void Dispose() => content.Dispose();
}
