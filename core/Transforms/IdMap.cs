using System.Globalization;

namespace Kaleidofs.Transforms;

/// <summary>
/// Ids translated in each direction by ranges, as virtiofsd's <c>--translate-uid</c> describes them; what no range
/// holds stays as it is. The directions are independent, and ranges of one direction may not overlap.
/// </summary>
/// <remarks>
/// Rules: <c>guest:GUEST:HOST:COUNT</c>, <c>host:HOST:GUEST:COUNT</c>, <c>map:GUEST:HOST:COUNT</c> (both ways),
/// <c>squash-guest:GUEST:HOST:COUNT</c>, <c>squash-host:HOST:GUEST:COUNT</c> (all to one id),
/// <c>forbid-guest:GUEST:COUNT</c>, <c>forbid-host:HOST:COUNT</c>.
/// </remarks>
public sealed class IdMap
{
    private readonly List<Range> _toHost = [];
    private readonly List<Range> _toGuest = [];

    private enum Kind
    {
        Map,
        Squash,
        Forbid,
    }

    /// <summary>Whether any rule was given.</summary>
    public bool IsEmpty => _toHost.Count + _toGuest.Count == 0;

    /// <summary>A map from its rules.</summary>
    /// <exception cref="FormatException">A rule is malformed or overlaps another; the message names it.</exception>
    public static IdMap Parse(IEnumerable<string> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        IdMap map = new();
        foreach (string rule in rules)
        {
            map.Add(rule);
        }
        return map;
    }

    /// <summary>The source's id for a guest's; null if it is forbidden.</summary>
    public uint? ToHost(uint id) => Translate(_toHost, id);

    /// <summary>The guest's id for the source's; null if it is forbidden.</summary>
    public uint? ToGuest(uint id) => Translate(_toGuest, id);

    private static uint? Translate(List<Range> ranges, uint id)
    {
        foreach (Range range in ranges)
        {
            if (id - range.From < range.Count && id >= range.From)
            {
                return range.Kind switch
                {
                    Kind.Map => range.To + (id - range.From),
                    Kind.Squash => range.To,
                    _ => null,
                };
            }
        }
        return id;
    }

    private void Add(string rule)
    {
        string[] parts = rule.Split(':');
        uint[] numbers = Numbers(rule, parts);
        uint from = numbers[0];
        uint to = numbers.Length == 3 ? numbers[1] : 0;
        uint count = numbers[^1];
        switch (parts[0])
        {
            case "guest":
                Add(_toHost, new Range(Kind.Map, from, to, count), rule);
                break;
            case "host":
                Add(_toGuest, new Range(Kind.Map, from, to, count), rule);
                break;
            case "map":
                Add(_toHost, new Range(Kind.Map, from, to, count), rule);
                Add(_toGuest, new Range(Kind.Map, to, from, count), rule);
                break;
            case "squash-guest":
                Add(_toHost, new Range(Kind.Squash, from, to, count), rule);
                break;
            case "squash-host":
                Add(_toGuest, new Range(Kind.Squash, from, to, count), rule);
                break;
            case "forbid-guest":
                Add(_toHost, new Range(Kind.Forbid, from, 0, count), rule);
                break;
            default:
                Add(_toGuest, new Range(Kind.Forbid, from, 0, count), rule);
                break;
        }
    }

    private static uint[] Numbers(string rule, string[] parts)
    {
        int expected = parts[0] switch
        {
            "guest" or "host" or "map" or "squash-guest" or "squash-host" => 3,
            "forbid-guest" or "forbid-host" => 2,
            _ => throw new FormatException($"'{rule}': unknown kind '{parts[0]}' (guest, host, map, squash-guest, squash-host, forbid-guest, forbid-host)"),
        };
        if (parts.Length != expected + 1)
        {
            throw new FormatException(expected == 3
                ? $"'{rule}': expected {parts[0]}:FROM:TO:COUNT"
                : $"'{rule}': expected {parts[0]}:FROM:COUNT");
        }
        uint[] numbers = new uint[expected];
        for (int i = 0; i < expected; i++)
        {
            if (!uint.TryParse(parts[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                throw new FormatException($"'{rule}': '{parts[i + 1]}' is not a number from 0 to {uint.MaxValue}");
            }
        }
        return numbers;
    }

    private static void Add(List<Range> ranges, Range added, string rule)
    {
        bool exceeds = (ulong)added.From + added.Count > 1UL << 32 || (added.Kind == Kind.Map && (ulong)added.To + added.Count > 1UL << 32);
        if (added.Count == 0 || exceeds)
        {
            throw new FormatException($"'{rule}': the range is empty or passes {uint.MaxValue}");
        }
        foreach (Range range in ranges)
        {
            if (added.From < (ulong)range.From + range.Count && range.From < (ulong)added.From + added.Count)
            {
                throw new FormatException($"'{rule}' overlaps a range given before it");
            }
        }
        ranges.Add(added);
    }

    private readonly record struct Range(Kind Kind, uint From, uint To, uint Count);
}
