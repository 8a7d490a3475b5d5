namespace Kaleidofs.Drivers.Git.Diffs;

/// <summary>A text's lines, each with a number that equal lines of both texts share.</summary>
internal sealed class TextLines
{
    private readonly byte[] _text;
    private readonly int[] _starts;

    private TextLines(byte[] text, int[] starts, int[] numbers)
    {
        (_text, _starts, Numbers) = (text, starts, numbers);
    }

    /// <summary>What is the same line has the same number.</summary>
    public int[] Numbers { get; }

    public int Count => Numbers.Length;

    /// <param name="text">The text.</param>
    /// <param name="known">The lines of both texts.</param>
    public static TextLines Split(byte[] text, Dictionary<Line, int> known)
    {
        List<int> starts = [];
        List<int> numbers = [];
        for (int at = 0; at < text.Length;)
        {
            int end = text.AsSpan(at).IndexOf((byte)'\n');
            int length = end < 0 ? text.Length - at : end + 1;
            HashCode hash = default;
            hash.AddBytes(text.AsSpan(at, length));
            Line line = new(text, at, length, hash.ToHashCode());
            if (!known.TryGetValue(line, out int number))
            {
                known.Add(line, number = known.Count);
            }
            starts.Add(at);
            numbers.Add(number);
            at += length;
        }
        starts.Add(text.Length);
        return new TextLines(text, [.. starts], [.. numbers]);
    }

    /// <summary>A line with its end, if it has one.</summary>
    public ReadOnlySpan<byte> this[int line] => _text.AsSpan(_starts[line].._starts[line + 1]);

    /// <summary>A line as a key.</summary>
    public readonly struct Line(byte[] text, int start, int length, int hash) : IEquatable<Line>
    {
        private readonly byte[] _text = text;
        private readonly int _start = start;
        private readonly int _length = length;
        private readonly int _hash = hash;

        public bool Equals(Line other) => _hash == other._hash && _text.AsSpan(_start, _length).SequenceEqual(other._text.AsSpan(other._start, other._length));

        public override bool Equals(object? obj) => obj is Line other && Equals(other);

        public override int GetHashCode() => _hash;
    }
}
