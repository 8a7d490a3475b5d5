namespace Kaleidofs.Trees;

/// <summary>Why a tree does not take an entry.</summary>
public enum PathRefusal
{
    /// <summary>It was taken.</summary>
    None,
    /// <summary>A component is '..'.</summary>
    ParentReference,
    /// <summary>The path has a NUL byte.</summary>
    ContainsNul,
    /// <summary>A component is longer than <see cref="FileSystem.MaxNameLength"/>.</summary>
    NameTooLong,
    /// <summary>The path has more than <see cref="TreeBuilder.MaxDepth"/> components, or <see cref="TreeBuilder.MaxPathLength"/> bytes.</summary>
    TooDeep,
    /// <summary>Too many directories that no entry names: paths made to fill the memory.</summary>
    TooManyDirectories,
    /// <summary>It is no directory, but its name is a directory's.</summary>
    IsDirectory,
    /// <summary>A hard link to a name that is not there, or to a directory, or to itself.</summary>
    NoLinkTarget,
}
