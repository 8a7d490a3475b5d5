namespace Kaleidofs.Paths;

/// <summary>What a record of a <see cref="PathNumberFile"/> says.</summary>
internal enum PathNumberKind : byte
{
    /// <summary>The path has the number that is its hash.</summary>
    Hashed = 1,

    /// <summary>The path has another number.</summary>
    Given = 2,

    /// <summary>The path has that number no more.</summary>
    Freed = 3,
}
