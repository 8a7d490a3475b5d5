namespace Kaleidofs;

/// <summary>Who asks: the caller's ids as the kernel sent them (after <c>--translate-uid</c>), and a token that is cancelled when the caller was interrupted or went away.</summary>
/// <remarks>
/// Where idmapped mounts were agreed on (a kernel from 6.12 that checks permissions itself), only what creates a file
/// carries ids; other requests have <see cref="uint.MaxValue"/> (FUSE_INVALID_UIDGID). Leave permission checks to the kernel.
/// </remarks>
public readonly struct RequestContext
{
    private readonly IRequestCancellation? _cancellation;

    /// <summary>A caller.</summary>
    public RequestContext(uint userId, uint groupId, uint processId, IRequestCancellation? cancellation = null)
    {
        UserId = userId;
        GroupId = groupId;
        ProcessId = processId;
        _cancellation = cancellation;
    }

    /// <summary>The caller's filesystem uid.</summary>
    public uint UserId { get; }
    /// <summary>The caller's filesystem gid.</summary>
    public uint GroupId { get; }
    /// <summary>The caller's process id in the guest; 0 if unknown.</summary>
    public uint ProcessId { get; }
    /// <summary>Cancelled by INTERRUPT or by the transport's end. Ask for it only before waiting: the first use allocates.</summary>
    public CancellationToken CancellationToken => _cancellation?.Token ?? CancellationToken.None;

    /// <summary>The same request by another user.</summary>
    public RequestContext WithIds(uint userId, uint groupId) => new(userId, groupId, ProcessId, _cancellation);
}
