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

    /// <summary>Reads a set; null if it is none.</summary>
    internal static ExtendedAttributeSet? Load(IndexRecordReader reader)
    {
        long count = reader.ReadInt64();
        List<(byte[] Name, byte[] Value)> attributes = [];
        for (long i = 0; i < count && reader.IsGood; i++)
        {
            attributes.Add((reader.ReadBytes().ToArray(), reader.ReadBytes().ToArray()));
        }
        return reader.IsGood ? new ExtendedAttributeSet(attributes) : null;
    }

    /// <summary>Writes the set.</summary>
    internal void Save(IndexRecord record)
    {
        record.Write(_attributes.Length);
        foreach ((byte[] name, byte[] value) in _attributes)
        {
            record.Write(name.AsSpan());
            record.Write(value.AsSpan());
        }
    }
}
