using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Single;

/// <summary>The file that a compressed file holds, as a filesystem.</summary>
internal sealed class SingleFileSystem(Tree tree, string identity, TarContent content) : TreeFileSystem(tree, identity)
{
    public override async ValueTask DisposeAsync()
    {
        content.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        => content.ReadAsync(context, offset, count, destination);
}
