using System.Runtime.CompilerServices;

namespace Kaleidofs.Protocol;

/// <summary>What struct fuse_statx has left for later.</summary>
[InlineArray(14)]
internal struct StatXSpare
{
    private ulong _first;
}
