namespace Kaleidofs;

/// <summary>What a SETATTR asks to change; null fields stay as they are.</summary>
public readonly record struct AttributeChange
{
    /// <summary>Permission bits (type bits are ignored).</summary>
    public uint? Mode { get; init; }
    /// <summary>Owner.</summary>
    public uint? UserId { get; init; }
    /// <summary>Group.</summary>
    public uint? GroupId { get; init; }
    /// <summary>Size in bytes (truncate).</summary>
    public ulong? Size { get; init; }
    /// <summary>Last access; with <see cref="AccessTimeNow"/> the server's own time.</summary>
    public Timestamp? AccessTime { get; init; }
    /// <summary>Last modification.</summary>
    public Timestamp? ModificationTime { get; init; }
    /// <summary>Inode change time (only with writeback caching).</summary>
    public Timestamp? ChangeTime { get; init; }
    /// <summary>Set the access time to now.</summary>
    public bool AccessTimeNow { get; init; }
    /// <summary>Set the modification time to now.</summary>
    public bool ModificationTimeNow { get; init; }
    /// <summary>The open handle that the caller used, if any.</summary>
    public ulong? Handle { get; init; }
}
