namespace Kaleidofs.Transforms;

/// <summary>Shows one owner, group, and permissions instead of the source's, for sources that know none (<c>-o uid=,gid=,mode=,dmode=</c>).</summary>
/// <param name="inner">The filesystem behind.</param>
/// <param name="userId">The owner, or null for the source's.</param>
/// <param name="groupId">The group, or null for the source's.</param>
/// <param name="fileMode">Permission bits of everything but directories and symbolic links, or null for the source's.</param>
/// <param name="directoryMode">Permission bits of directories, or null for the source's.</param>
public sealed class OwnershipFileSystem(FileSystem inner, uint? userId, uint? groupId, uint? fileMode, uint? directoryMode) : AttributeTransform(inner)
{
    /// <inheritdoc/>
    protected override void Rewrite(ref Attributes attributes)
    {
        attributes.UserId = userId ?? attributes.UserId;
        attributes.GroupId = groupId ?? attributes.GroupId;
        uint? mode = attributes.IsDirectory ? directoryMode : attributes.IsSymbolicLink ? null : fileMode;
        if (mode is { } bits)
        {
            attributes.Mode = (attributes.Mode & FileType.Mask) | (bits & ~FileType.Mask);
        }
    }
}
