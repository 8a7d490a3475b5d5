namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>A zip's part of a tree.</summary>
internal sealed class ZipVolume(ZipListing listing, ZipContent content) : ArchiveVolume(listing)
{
    public override ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        => content.ReadAsync(context, node, offset, count, destination);

    public override ValueTask<Errno> GetRefusalAsync(int node) => content.GetRefusalAsync(node);

    public override ByteSource? OpenMember(int node, MemberDetails details) => content.OpenMember(node, details);

    public override Task PrepareAsync(OpeningProgress progress) => content.PrepareAsync(progress);

    public override void Dispose() => content.Dispose();
}
