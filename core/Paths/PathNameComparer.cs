namespace Kaleidofs.Paths;

/// <summary>Compares nodes of one directory by their names.</summary>
internal sealed class PathNameComparer : IEqualityComparer<PathNode>, IAlternateEqualityComparer<ReadOnlySpan<byte>, PathNode>
{
    public static PathNameComparer Instance { get; } = new();

    public bool Equals(PathNode? x, PathNode? y) => x == y || (x is not null && y is not null && x.NameBytes.AsSpan().SequenceEqual(y.NameBytes));

    public int GetHashCode(PathNode obj) => NameComparer.Instance.GetHashCode(obj.NameBytes);

    public bool Equals(ReadOnlySpan<byte> alternate, PathNode other) => alternate.SequenceEqual(other.NameBytes);

    public int GetHashCode(ReadOnlySpan<byte> alternate) => NameComparer.Instance.GetHashCode(alternate);

    public PathNode Create(ReadOnlySpan<byte> alternate) => throw new NotSupportedException();
}
