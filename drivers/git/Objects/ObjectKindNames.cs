namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>The kinds' names in loose objects and tags.</summary>
internal static class ObjectKindNames
{
    public static ObjectKind Parse(ReadOnlySpan<byte> name)
        => name.SequenceEqual("blob"u8) ? ObjectKind.Blob
        : name.SequenceEqual("tree"u8) ? ObjectKind.Tree
        : name.SequenceEqual("commit"u8) ? ObjectKind.Commit
        : name.SequenceEqual("tag"u8) ? ObjectKind.Tag
        : ObjectKind.None;
}
