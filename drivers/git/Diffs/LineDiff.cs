namespace Kaleidofs.Drivers.Git.Diffs;

/// <summary>Which lines of two texts differ: a shortest edit script (Myers, "An O(ND) difference algorithm"), as long as that is not too dear.</summary>
/// <remarks>Lines that the other text does not have are set aside first, so that what was written anew costs nothing.</remarks>
internal sealed class LineDiff
{
    /// <summary>Edits among lines that both texts have; of what needs more, all lines are told as changed. Memory grows with the square of it.</summary>
    private const int MaxEdits = 1500;

    private readonly int[] _old;
    private readonly int[] _new;

    private LineDiff(int[] before, int[] after)
    {
        (_old, _new) = (before, after);
        (Removed, Added) = (new bool[before.Length], new bool[after.Length]);
    }

    /// <summary>The lines of the old text that are not in the new one.</summary>
    public bool[] Removed { get; }

    /// <summary>The lines of the new text that are not in the old one.</summary>
    public bool[] Added { get; }

    public static LineDiff Compare(int[] before, int[] after, int numbers)
    {
        LineDiff diff = new(before, after);
        int start = before.AsSpan().CommonPrefixLength(after);
        int end = 0;
        while (end < before.Length - start && end < after.Length - start && before[^(end + 1)] == after[^(end + 1)])
        {
            end++;
        }
        List<int> left = SetAside(before, start, before.Length - end, Find(after, start, after.Length - end, numbers), diff.Removed);
        List<int> right = SetAside(after, start, after.Length - end, Find(before, start, before.Length - end, numbers), diff.Added);
        diff.Search(left, right);
        Slide(before, diff.Removed, after, diff.Added);
        Slide(after, diff.Added, before, diff.Removed);
        return diff;
    }

    private static bool[] Find(int[] lines, int start, int end, int numbers)
    {
        bool[] found = new bool[numbers];
        foreach (int line in lines.AsSpan(start..end))
        {
            found[line] = true;
        }
        return found;
    }

    private static List<int> SetAside(int[] lines, int start, int end, bool[] other, bool[] changed)
    {
        List<int> rest = [];
        for (int i = start; i < end; i++)
        {
            if (other[lines[i]])
            {
                rest.Add(i);
            }
            else
            {
                changed[i] = true;
            }
        }
        return rest;
    }

    private void Search(List<int> left, List<int> right)
    {
        // reached[k]: how far on diagonal k (left - right) the edits so far lead. What each number of edits reached is kept for the way back.
        List<int[]> history = [];
        int most = Math.Min(left.Count + right.Count, MaxEdits);
        int[] reached = new int[(2 * most) + 3];
        int middle = most + 1;
        for (int edits = 0; edits <= most; edits++)
        {
            for (int k = -edits; k <= edits; k += 2)
            {
                bool isInsertion = k == -edits || (k != edits && reached[middle + k - 1] < reached[middle + k + 1]);
                int x = isInsertion ? reached[middle + k + 1] : reached[middle + k - 1] + 1;
                int y = x - k;
                while (x < left.Count && y < right.Count && y >= 0 && _old[left[x]] == _new[right[y]])
                {
                    (x, y) = (x + 1, y + 1);
                }
                reached[middle + k] = x;
                if (x >= left.Count && y >= right.Count)
                {
                    GoBack(history, left, right);
                    return;
                }
            }
            history.Add(reached[(middle - edits)..(middle + edits + 1)]);
        }
        foreach (int line in left)
        {
            Removed[line] = true;
        }
        foreach (int line in right)
        {
            Added[line] = true;
        }
    }

    private void GoBack(List<int[]> history, List<int> left, List<int> right)
    {
        (int x, int y) = (left.Count, right.Count);
        for (int edits = history.Count; edits > 0; edits--)
        {
            int[] before = history[edits - 1];
            int middle = edits - 1;
            int k = x - y;
            bool isInsertion = k == -edits || (k != edits && Get(before, middle + k - 1) < Get(before, middle + k + 1));
            int from = isInsertion ? Get(before, middle + k + 1) : Get(before, middle + k - 1);
            int fromY = from - (isInsertion ? k + 1 : k - 1);
            if (isInsertion)
            {
                Added[right[fromY]] = true;
            }
            else
            {
                Removed[left[from]] = true;
            }
            (x, y) = (from, fromY);
        }
    }

    /// <summary>Diagonals that so many edits do not reach have nothing.</summary>
    private static int Get(int[] reached, int at) => (uint)at < (uint)reached.Length ? reached[at] : -1;

    /// <summary>
    /// A block that could as well stand further down is moved there: as an added function is shown with its own last line and not with
    /// the one before it. It stops where it meets a change of the other text, so that lines that replace others stand with them.
    /// </summary>
    private static void Slide(int[] lines, bool[] changed, int[] others, bool[] otherChanged)
    {
        int other = 0;
        for (int start = 0; start < lines.Length;)
        {
            if (!changed[start])
            {
                while (other < others.Length && otherChanged[other])
                {
                    other++;
                }
                start++;
                other++;
                continue;
            }
            int end = start;
            while (end < lines.Length && changed[end])
            {
                end++;
            }
            while (end < lines.Length && !(other < others.Length && otherChanged[other]) && lines[start] == lines[end])
            {
                changed[start++] = false;
                changed[end++] = true;
                other++;
                while (end < lines.Length && changed[end])
                {
                    end++;
                }
            }
            start = end;
        }
    }
}
