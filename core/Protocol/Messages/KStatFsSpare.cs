using System.Runtime.CompilerServices;

namespace Kaleidofs.Protocol;

/// <summary>What struct fuse_kstatfs has left for later.</summary>
[InlineArray(6)]
internal struct KStatFsSpare
{
    private uint _first;
}
