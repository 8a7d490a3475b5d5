namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>A 7z's part of a tree.</summary>
internal sealed class SevenZipVolume(SevenZipListing listing, SevenZipContent content) : ArchiveVolume(listing)
{
    public override ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        => content.ReadAsync(context, node, offset, count, destination);

    public override ValueTask<Errno> GetRefusalAsync(int node) => new(content.GetRefusal(node));

    public override ByteSource? OpenMember(int node, MemberDetails details) => content.OpenMember(node, details);

    public override Task PrepareAsync(OpeningProgress progress) => content.PrepareAsync(progress);

    public override void Dispose() => content.Dispose();
}
