using Kaleidofs.Transforms;

namespace Kaleidofs.Tests.Fuzz.Fuse;

/// <summary>
/// A session over a filesystem that answers when the episode's numbers say so, in any order. One thread does
/// everything but what cancellation does, so an episode comes back as it was.
/// </summary>
internal sealed class SessionTarget : FuzzTarget
{
    private const int Steps = 400;
    private const int SmallRequest = 12 << 10;
    private const int LargeRequest = 288 << 10;

    private readonly GuardedRequest[] _requests =
    [
        .. Enumerable.Range(0, 16).Select(_ => new GuardedRequest(SmallRequest)), .. Enumerable.Range(0, 4).Select(_ => new GuardedRequest(LargeRequest)),
    ];

    private readonly FileSystem? _served;

    /// <param name="name">The target's name.</param>
    /// <param name="served">What to serve; null for a filesystem that watches.</param>
    public SessionTarget(string name, FileSystem? served = null)
    {
        Name = name;
        _served = served;
    }

    public override string Name { get; }

    public override int Run(Xorshift random)
    {
        SessionEpisode episode = new(random, _requests, _served);
        episode.Run(Steps);
        return episode.Cases;
    }

    public override void Dispose()
    {
        Array.ForEach(_requests, request => request.Dispose());
        _served?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>The filesystem with what the episode puts around it.</summary>
    internal static FileSystem Decorate(FileSystem inner, Xorshift random) => random.Below(6) switch
    {
        0 => new ReadOnlyFileSystem(inner),
        1 => new IdMapFileSystem(inner, IdMap.Parse(["map:0:1000:4"]), IdMap.Parse(["squash-host:0:4294967295:7"])),
        2 => new OwnershipFileSystem(inner, 5, null, 0x1ff, 0x1ff),
        3 => new ReadOnlyFileSystem(new OwnershipFileSystem(inner, null, 6, null, null)),
        _ => inner,
    };
}
