namespace Kaleidofs.Transforms.Overlay;

/// <summary>What a record of the journal says. The values stand in journals: they do not change.</summary>
internal enum RecordKind : byte
{
    None = 0,
    /// <summary>Attributes of a node, which it makes if it is not there.</summary>
    Node = 1,
    /// <summary>Whether a node's content is here, and whether it is being written.</summary>
    Content = 2,
    /// <summary>A directory's parent.</summary>
    Parent = 3,
    /// <summary>A symbolic link's target.</summary>
    Target = 4,
    /// <summary>A name, or that it is removed.</summary>
    Name = 5,
    /// <summary>A name is what the lower directory says, again.</summary>
    NameGone = 6,
    /// <summary>An inode has no name any more.</summary>
    Dead = 7,
    /// <summary>A node's extended attributes are all here, and none are there yet.</summary>
    OwnExtendedAttributes = 8,
    /// <summary>An extended attribute.</summary>
    ExtendedAttribute = 9,
    /// <summary>An extended attribute is removed.</summary>
    ExtendedAttributeGone = 10,
    /// <summary>The next inode number and the next sequence.</summary>
    Counters = 11,
}
