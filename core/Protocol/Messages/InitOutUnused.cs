using System.Runtime.CompilerServices;

namespace Kaleidofs.Protocol;

/// <summary>What struct fuse_init_out has left for later.</summary>
[InlineArray(11)]
internal struct InitOutUnused
{
    private ushort _first;
}
