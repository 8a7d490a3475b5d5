namespace Kaleidofs.Trees;

/// <summary>What a source tells of one entry.</summary>
public struct TreeNode
{
    /// <summary>Type (<see cref="FileType"/>) and permission bits.</summary>
    public uint Mode;
    /// <summary>Owner.</summary>
    public uint UserId;
    /// <summary>Group.</summary>
    public uint GroupId;
    /// <summary>Size in bytes; ignored for a directory.</summary>
    public long Size;
    /// <summary>Last change; the other times, too, unless <see cref="TreeBuilder.SetTimes"/> tells them.</summary>
    public Timestamp ModificationTime;
}
