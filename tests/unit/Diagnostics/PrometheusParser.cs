using System.Globalization;
using System.Text;

namespace Kaleidofs.Tests.Unit.Diagnostics;

/// <summary>Reads Prometheus' text format as its documentation describes it, and refuses what it does not allow.</summary>
internal sealed class PrometheusParser
{
    private readonly Dictionary<string, string> _types = [];
    private readonly HashSet<string> _finished = [];
    private string? _family;

    private PrometheusParser()
    {
    }

    /// <summary>Family names with their types.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    public List<(string Name, SortedDictionary<string, string> Labels, double Value)> Samples { get; } = [];

    public static PrometheusParser Parse(string text)
    {
        Assert.EndsWith("\n", text);
        PrometheusParser parser = new();
        foreach (string line in text[..^1].Split('\n'))
        {
            parser.Read(line);
        }
        parser.CheckHistograms();
        Assert.Equal(parser.Samples.Count, parser.Samples.Select(Key).Distinct().Count());
        return parser;
    }

    /// <summary>The one sample that has these labels, others too or not.</summary>
    public double Value(string name, params (string Name, string Value)[] labels)
        => Assert.Single(Samples, sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value)).Value;

    private static string Key((string Name, SortedDictionary<string, string> Labels, double Value) sample)
        => sample.Name + string.Concat(sample.Labels.Select(label => $"\0{label.Key}\0{label.Value}"));

    private void Read(string line)
    {
        string[] words = line.Split(' ', 4);
        switch (words)
        {
            case ["#", "HELP", var name, var help]:
                Assert.NotEmpty(help);
                Begin(name);
                break;
            case ["#", "TYPE", var name, var type]:
                Begin(name);
                Assert.Contains(type, (string[])["counter", "gauge", "histogram"]);
                Assert.True(_types.TryAdd(name, type), $"two types of {name}");
                break;
            default:
                ReadSample(line);
                break;
        }
    }

    /// <summary>All lines of a family stand together.</summary>
    private void Begin(string family)
    {
        Assert.Matches("^[a-zA-Z_:][a-zA-Z0-9_:]*$", family);
        if (_family == family)
        {
            return;
        }
        if (_family is not null)
        {
            _finished.Add(_family);
        }
        Assert.DoesNotContain(family, _finished);
        _family = family;
    }

    private void ReadSample(string line)
    {
        int position = line.IndexOfAny(['{', ' ']);
        string name = line[..position];
        SortedDictionary<string, string> labels = new(StringComparer.Ordinal);
        if (line[position] == '{')
        {
            do
            {
                position++;
                int equals = line.IndexOf('=', position);
                string label = line[position..equals];
                Assert.Matches("^[a-zA-Z_][a-zA-Z0-9_]*$", label);
                Assert.Equal('"', line[equals + 1]);
                labels.Add(label, ReadValue(line, equals + 2, out position));
            }
            while (line[position] == ',');
            Assert.Equal('}', line[position++]);
        }
        Assert.Equal(' ', line[position]);
        string number = line[(position + 1)..];
        double value = double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        Samples.Add((name, labels, value));
        string type = _types[_family!];
        Assert.Contains(name, type == "histogram" ? [_family + "_bucket", _family + "_sum", _family + "_count"] : (string[])[_family!]);
        Assert.Equal(type == "counter", name.EndsWith("_total", StringComparison.Ordinal));
        Assert.True(type == "gauge" || value >= 0);
    }

    private static string ReadValue(string line, int position, out int end)
    {
        StringBuilder value = new();
        for (; line[position] != '"'; position++)
        {
            value.Append(line[position] != '\\' ? line[position] : line[++position] switch
            {
                'n' => '\n',
                '\\' => '\\',
                '"' => '"',
                _ => throw new FormatException(line),
            });
        }
        end = position + 1;
        return value.ToString();
    }

    private void CheckHistograms()
    {
        foreach (string family in _types.Where(type => type.Value == "histogram").Select(type => type.Key))
        {
            foreach (var series in Samples.Where(sample => sample.Name == family + "_bucket").GroupBy(sample => string.Join('\0', sample.Labels.Where(label => label.Key != "le"))))
            {
                var buckets = series.Select(sample => (Bound: sample.Labels["le"] == "+Inf" ? double.PositiveInfinity : double.Parse(sample.Labels["le"], CultureInfo.InvariantCulture), sample.Value)).ToList();
                Assert.Equal(buckets.OrderBy(bucket => bucket.Bound), buckets);
                Assert.Equal(buckets.Select(bucket => bucket.Value).Order(), buckets.Select(bucket => bucket.Value));
                Assert.Equal(double.PositiveInfinity, buckets[^1].Bound);
                double count = Samples.Single(sample => sample.Name == family + "_count" && string.Join('\0', sample.Labels) == series.Key).Value;
                Assert.Equal(count, buckets[^1].Value);
                Assert.Single(Samples, sample => sample.Name == family + "_sum" && string.Join('\0', sample.Labels) == series.Key);
            }
        }
    }
}
