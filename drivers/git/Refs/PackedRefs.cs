using System.Text;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Refs;

/// <summary>The file packed-refs as it was at one moment, sorted by name.</summary>
internal sealed class PackedRefs
{
    private readonly string[] _names;
    private readonly (ObjectId Id, ObjectId Peeled)[] _values;

    private PackedRefs(SortedDictionary<string, (ObjectId Id, ObjectId Peeled)> refs)
    {
        _names = [.. refs.Keys];
        _values = [.. refs.Values];
    }

    public static PackedRefs None { get; } = new([]);

    /// <summary>Lines that are none of its format are passed over.</summary>
    public static PackedRefs Parse(ReadOnlySpan<byte> text, ObjectFormat format)
    {
        SortedDictionary<string, (ObjectId Id, ObjectId Peeled)> refs = new(StringComparer.Ordinal);
        string? last = null;
        int digits = format.IdLength * 2;
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (line is [(byte)'^', ..] && last is not null)
            {
                if (ObjectId.TryParse(line[1..].TrimEnd((byte)'\r'), format, out ObjectId peeled))
                {
                    refs[last] = (refs[last].Id, peeled);
                }
                continue;
            }
            last = null;
            if (line.Length > digits + 1 && line[digits] == ' ' && ObjectId.TryParse(line[..digits], format, out ObjectId id))
            {
                last = Encoding.UTF8.GetString(line[(digits + 1)..].TrimEnd((byte)'\r'));
                refs[last] = (id, default);
            }
        }
        return new PackedRefs(refs);
    }

    public bool TryGet(string name, out ObjectId id, out ObjectId peeled)
    {
        int at = Array.BinarySearch(_names, name, StringComparer.Ordinal);
        (id, peeled) = at < 0 ? default : _values[at];
        return at >= 0;
    }

    /// <summary>The names that begin so.</summary>
    public IEnumerable<string> List(string prefix)
    {
        int at = Array.BinarySearch(_names, prefix, StringComparer.Ordinal);
        for (at = at < 0 ? ~at : at; at < _names.Length && _names[at].StartsWith(prefix, StringComparison.Ordinal); at++)
        {
            yield return _names[at];
        }
    }
}
