using System.Globalization;

namespace Kaleidofs.Host.DevFuse.Uring;

/// <summary>How many CPUs there can ever be (num_possible_cpus of the kernel): it wants a queue for each.</summary>
internal static class PossibleCpus
{
    private const string List = "/sys/devices/system/cpu/possible";

    /// <exception cref="IOException">The kernel does not say.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static int Count() => Parse(File.ReadAllText(List));

    /// <summary>Counts a list as 0-3,8.</summary>
    /// <exception cref="IOException">It is none.</exception>
    internal static int Parse(string list)
    {
        int count = 0;
        foreach (string range in list.Trim().Split(','))
        {
            string[] ends = range.Split('-');
            if (ends.Length > 2 || !TryParse(ends[0], out int first) || !TryParse(ends[^1], out int last) || last < first)
            {
                throw new IOException($"{List}: '{list.Trim()}' is not a list of CPUs");
            }
            count += last - first + 1;
        }
        return count;
    }

    private static bool TryParse(string text, out int number)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < ushort.MaxValue;
}
