using System.Runtime.CompilerServices;

namespace Kaleidofs.Protocol;

/// <summary>What struct fuse_init_in has left for later.</summary>
[InlineArray(11)]
internal struct InitInUnused
{
    private uint _first;
}
