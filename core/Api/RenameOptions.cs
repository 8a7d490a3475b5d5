namespace Kaleidofs;

/// <summary>The flags of renameat2(2).</summary>
[Flags]
public enum RenameOptions : uint
{
    /// <summary>Replace what is there.</summary>
    None = 0,
    /// <summary>Fail if the new name exists (RENAME_NOREPLACE).</summary>
    NoReplace = 1,
    /// <summary>Swap the two (RENAME_EXCHANGE).</summary>
    Exchange = 2,
    /// <summary>Leave a whiteout (RENAME_WHITEOUT).</summary>
    Whiteout = 4,
}
