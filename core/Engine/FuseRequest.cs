using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

/// <summary>
/// A transport's whole contract with core: readable buffers, writable buffers, complete(n).
/// </summary>
/// <remarks>
/// The transport owns the object and reuses it. It fills <see cref="Readable"/> and <see cref="Writable"/>, calls
/// <see cref="FuseSession.Dispatch"/>, and touches nothing of it until <see cref="Complete"/> is called, exactly once,
/// on the dispatching thread before Dispatch returns, or later on any thread. The buffers stay mapped until then.
/// </remarks>
internal abstract partial class FuseRequest
{
    /// <summary>The request's bytes, FUSE header first, in any split.</summary>
    public SegmentList Readable { get; } = new();

    /// <summary>Where the reply goes, in any split.</summary>
    public SegmentList Writable { get; } = new();

    /// <summary>The request is done: the first <paramref name="written"/> bytes of <see cref="Writable"/> are the reply; 0 means that there is none.</summary>
    public abstract void Complete(int written);
}
