namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>What the journal says of an entry, its content aside. Never changed in place.</summary>
internal sealed record NodeFacts
{
    public required ulong Inode { get; init; }

    /// <summary>The directory that it is in; 0 for the root.</summary>
    public required ulong Parent { get; init; }

    /// <summary>Its position in listings: later entries come later, and keep their positions.</summary>
    public required ulong Sequence { get; init; }

    public required byte[] Name { get; init; }

    /// <summary>Type and permissions.</summary>
    public required uint Mode { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    public required Timestamp ModificationTime { get; init; }

    public required Timestamp ChangeTime { get; init; }

    public Origin Origin { get; init; }

    /// <summary>A symbolic link's target.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>What it is about, in the words of who named it: part of the prompt for its content.</summary>
    public string About { get; init; } = "";

    public bool IsDirectory => (Mode & FileType.Mask) == FileType.Directory;

    public bool IsFile => (Mode & FileType.Mask) == FileType.Regular;

    public bool IsLink => (Mode & FileType.Mask) == FileType.SymbolicLink;
}
