using System.Text;

namespace Kaleidofs.Trees;

/// <summary>An inode's extended attributes; one object for all inodes that have the same.</summary>
public sealed class ExtendedAttributeSet
{
    private readonly (byte[] Name, byte[] Value)[] _attributes;

    /// <summary>A set; where a name stands twice, the last value counts.</summary>
    public ExtendedAttributeSet(IEnumerable<(byte[] Name, byte[] Value)> attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        // Latin-1 makes a string of any bytes, one character each.
        Dictionary<string, (byte[] Name, byte[] Value)> kept = new(StringComparer.Ordinal);
        foreach ((byte[] name, byte[] value) in attributes)
        {
            kept[Encoding.Latin1.GetString(name)] = (name, value);
        }
        _attributes = [.. kept.Values];
        Names = _attributes.SelectMany(attribute => attribute.Name.Append((byte)0)).ToArray();
    }

    /// <summary>All names, each ended by a NUL, as listxattr(2) returns them.</summary>
    public ReadOnlyMemory<byte> Names { get; }

    /// <summary>The value of a name.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlyMemory<byte> value)
    {
        foreach ((byte[] candidate, byte[] content) in _attributes)
        {
            if (name.SequenceEqual(candidate))
            {
                value = content;
                return true;
            }
        }
        value = default;
        return false;
    }
}
