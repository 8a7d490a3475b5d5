using System.Text;

namespace Kaleidofs.Host.DevFuse;

/// <summary>One line of /proc/self/mountinfo (proc(5)).</summary>
/// <param name="Device">major:minor; the minor number of a FUSE mount is its connection's number.</param>
/// <param name="Mountpoint">Where it is mounted.</param>
/// <param name="Type">Filesystem type.</param>
/// <param name="Source">What is mounted.</param>
internal sealed record MountTableEntry(string Device, string Mountpoint, string Type, string Source);

/// <summary>What is mounted in this process's namespace. Asking it never asks a filesystem, which may be dead.</summary>
internal static class MountTable
{
    private const string MountInfo = "/proc/self/mountinfo";

    /// <summary>The topmost mount whose root is <paramref name="mountpoint"/> (without symbolic links), or null.</summary>
    public static MountTableEntry? Find(string mountpoint)
    {
        MountTableEntry? found = null;
        foreach (string line in File.ReadLines(MountInfo, Encoding.UTF8))
        {
            if (Parse(line) is { } entry && entry.Mountpoint == mountpoint)
            {
                found = entry;
            }
        }
        return found;
    }

    /// <summary>The entry of a line, or null for one that proc(5) does not describe.</summary>
    internal static MountTableEntry? Parse(string line)
    {
        // 36 35 98:0 /root /mountpoint options [optional fields] - type source superoptions
        string[] fields = line.Split(' ');
        int separator = Array.IndexOf(fields, "-", 6 > fields.Length ? fields.Length : 6);
        return separator < 0 || separator + 2 >= fields.Length
            ? null
            : new MountTableEntry(fields[2], Unescape(fields[4]), fields[separator + 1], Unescape(fields[separator + 2]));
    }

    /// <summary>Blank, tab, newline and backslash stand as three octal digits after a backslash.</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }
        StringBuilder result = new(field.Length);
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && field.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                int code = ((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0');
                result.Append((char)code);
                i += 3;
            }
            else
            {
                result.Append(field[i]);
            }
        }
        return result.ToString();
    }
}
