namespace Kaleidofs.Drivers.Git.Refs;

/// <summary>Names that somebody may have meant.</summary>
internal static class NearestNames
{
    private const int MaxCandidates = 20_000;
    private const int Shown = 3;

    /// <summary>The nearest, by how many letters differ; what begins or ends alike counts as near.</summary>
    public static IReadOnlyList<string> Find(string wanted, IEnumerable<string> candidates)
        => [.. candidates.Take(MaxCandidates)
            .Select(candidate => (Name: candidate, Distance: GetDistance(wanted, candidate)))
            .Where(pair => pair.Distance <= 1 + (wanted.Length / 3))
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.Name, StringComparer.Ordinal)
            .Take(Shown).Select(pair => pair.Name)];

    private static int GetDistance(string left, string right)
    {
        if (right.EndsWith("/" + left, StringComparison.Ordinal) || (left.Length > 2 && right.StartsWith(left, StringComparison.OrdinalIgnoreCase)))
        {
            return 1;
        }
        int[] previous = [.. Enumerable.Range(0, right.Length + 1)];
        int[] current = new int[right.Length + 1];
        for (int i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int replaced = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, 1 + Math.Min(previous[j], current[j - 1]));
            }
            (previous, current) = (current, previous);
        }
        return previous[right.Length];
    }
}
