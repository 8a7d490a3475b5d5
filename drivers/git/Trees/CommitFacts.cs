using System.Buffers.Text;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>What a commit says.</summary>
/// <param name="Id">Its name; of a root that is a tree without a commit, the tree's.</param>
/// <param name="Tree">Its tree.</param>
/// <param name="Parents">The commits before it.</param>
/// <param name="Time">When it was made (the committer's date).</param>
internal sealed record CommitFacts(ObjectId Id, ObjectId Tree, IReadOnlyList<ObjectId> Parents, Timestamp Time)
{
    /// <summary>A commit is read whole: one of more is none that anybody wrote.</summary>
    public const int MaxLength = 64 << 20;

    /// <exception cref="DamageException">It is no commit.</exception>
    public static CommitFacts Parse(ObjectId id, ReadOnlySpan<byte> text, ObjectFormat format)
    {
        if (!TryGetHeader(text, "tree"u8, out ReadOnlySpan<byte> value) || !ObjectId.TryParse(value, format, out ObjectId tree))
        {
            throw new DamageException("a commit without a tree");
        }
        List<ObjectId> parents = [];
        ReadOnlySpan<byte> rest = text[(text.IndexOf((byte)'\n') + 1)..];
        while (rest.StartsWith("parent "u8))
        {
            int end = rest.IndexOf((byte)'\n');
            if (end < 0 || !ObjectId.TryParse(rest["parent ".Length..end], format, out ObjectId parent))
            {
                throw new DamageException("a commit whose parents cannot be told");
            }
            parents.Add(parent);
            rest = rest[(end + 1)..];
        }
        return new CommitFacts(id, tree, parents, TryGetHeader(text, "committer"u8, out ReadOnlySpan<byte> committer) ? ParseTime(committer) : default);
    }

    /// <summary>A header's first line.</summary>
    public static bool TryGetHeader(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (!text.IsEmpty && text[0] != '\n')
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            if (line.Length > name.Length && line.StartsWith(name) && line[name.Length] == ' ')
            {
                value = line[(name.Length + 1)..];
                return true;
            }
            text = end < 0 ? default : text[(end + 1)..];
        }
        value = default;
        return false;
    }

    /// <summary>What stands behind the headers.</summary>
    public static ReadOnlySpan<byte> GetMessage(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf("\n\n"u8);
        return end < 0 ? default : text[(end + 2)..];
    }

    /// <summary>Name, address, seconds, zone; the seconds count, wherever they were written down.</summary>
    private static Timestamp ParseTime(ReadOnlySpan<byte> person)
    {
        ReadOnlySpan<byte> time = person[(person.LastIndexOf((byte)'>') + 1)..].TrimStart((byte)' ');
        return Utf8Parser.TryParse(time, out long seconds, out _) ? new Timestamp(seconds) : default;
    }
}
