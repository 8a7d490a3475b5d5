namespace Kaleidofs.Transforms;

/// <summary>
/// Translates user and group ids between guest and source (<c>--translate-uid</c>, <c>--translate-gid</c>): the
/// source's ids in attributes on their way to the guest, callers' and new owners' ids on their way to the source.
/// </summary>
/// <param name="inner">The filesystem behind; its ids are the host's.</param>
/// <param name="users">The map of user ids.</param>
/// <param name="groups">The map of group ids.</param>
/// <remarks>
/// A forbidden guest id fails what would create or give away a file with EPERM; other operations of such a caller run as the overflow id.
/// A forbidden host id shows as the overflow id.
/// </remarks>
public sealed class IdMapFileSystem(FileSystem inner, IdMap users, IdMap groups) : AttributeTransform(inner)
{
    /// <summary>What the kernel shows for an id that cannot be told (/proc/sys/fs/overflowuid).</summary>
    public const uint OverflowId = 65534;

    /// <inheritdoc/>
    protected override void Rewrite(ref Attributes attributes)
    {
        attributes.UserId = users.ToGuest(attributes.UserId) ?? OverflowId;
        attributes.GroupId = groups.ToGuest(attributes.GroupId) ?? OverflowId;
    }

    /// <inheritdoc/>
    protected override RequestContext ToInner(RequestContext context)
        => context.WithIds(users.ToHost(context.UserId) ?? OverflowId, groups.ToHost(context.GroupId) ?? OverflowId);

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change)
    {
        uint? user = change.UserId is { } guestUser ? users.ToHost(guestUser) : null;
        uint? group = change.GroupId is { } guestGroup ? groups.ToHost(guestGroup) : null;
        if ((change.UserId is not null && user is null) || (change.GroupId is not null && group is null))
        {
            return new(Errno.EPERM);
        }
        return base.SetAttributesAsync(context, inode, change with { UserId = user, GroupId = group });
    }

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags)
        => MayCreate(context) ? base.CreateAsync(context, parent, name, mode, flags) : new(Errno.EPERM);

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateUnnamedAsync(RequestContext context, ulong parent, uint mode, OpenFlags flags)
        => MayCreate(context) ? base.CreateUnnamedAsync(context, parent, mode, flags) : new(Errno.EPERM);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId)
        => MayCreate(context) ? base.MakeNodeAsync(context, parent, name, mode, deviceId) : new(Errno.EPERM);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode)
        => MayCreate(context) ? base.MakeDirectoryAsync(context, parent, name, mode) : new(Errno.EPERM);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target)
        => MayCreate(context) ? base.MakeSymbolicLinkAsync(context, parent, name, target) : new(Errno.EPERM);

    private bool MayCreate(RequestContext context) => users.ToHost(context.UserId) is not null && groups.ToHost(context.GroupId) is not null;
}
