namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>What a record of a world's journal says. The values stand in journals: they do not change.</summary>
internal enum RecordKind : byte
{
    None = 0,
    /// <summary>An entry, made or changed: name, parent, attributes, description.</summary>
    Node = 1,
    /// <summary>A directory has all of its entries.</summary>
    Listed = 2,
    /// <summary>An entry is removed.</summary>
    Gone = 3,
    /// <summary>More of a generated file's content: the record's own bytes, read where they stand.</summary>
    Piece = 4,
    /// <summary>A generated file is complete.</summary>
    Finished = 5,
    /// <summary>A file's content is a user's, in a file of its own.</summary>
    Written = 6,
    /// <summary>Model calls were made.</summary>
    Spent = 7,
    /// <summary>A user asked for a file's content anew.</summary>
    Prompted = 8,
    /// <summary>One entry's content becomes another's.</summary>
    Moved = 9,
}
