using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>What a path leads to in one of two trees: anything but a directory.</summary>
internal readonly record struct TreeSide(ObjectId Id, TreeEntryKind Kind)
{
    /// <summary>Whether it is a file, executable or not.</summary>
    public bool IsFile => Kind is TreeEntryKind.File or TreeEntryKind.Executable or TreeEntryKind.GroupWritable;

    /// <summary>Whether one may become the other without being another kind of thing: then git says that it was modified.</summary>
    public bool IsLike(TreeSide other) => IsFile ? other.IsFile : Kind == other.Kind;
}
