namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>What a name in a tree leads to: the modes that git writes.</summary>
internal enum TreeEntryKind : byte
{
    Directory,
    File,
    /// <summary>Written by old versions of git: group-writable.</summary>
    GroupWritable,
    Executable,
    SymbolicLink,
    /// <summary>A commit of another repository.</summary>
    Submodule,
}
