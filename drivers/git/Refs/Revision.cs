using System.Globalization;
using System.Text;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Refs;

/// <summary>Finds what a user names: a ref, short or long, a commit's digits or some of them, and a parent or ancestor of one (<c>v1~3</c>, <c>main^2</c>).</summary>
internal static class Revision
{
    /// <summary>As few digits as git takes.</summary>
    public const int MinDigits = 4;

    private const int MaxCandidates = 64;
    private const int Shown = 5;

    /// <exception cref="SourceException">There is no such commit.</exception>
    public static CommitFacts Resolve(Repository repository, string revision)
    {
        int end = revision.AsSpan().IndexOfAny("~^");
        string name = end < 0 ? revision : revision[..end];
        if (end >= 0 && revision.Skip(end).Any(sign => sign is not ('~' or '^') && !char.IsAsciiDigit(sign)))
        {
            throw new SourceException($"{repository.Path}: '{revision}' is not understood; behind a name only ~N and ^N are") { IsUsageError = true };
        }
        CommitFacts commit = FindStart(repository, name.Length == 0 || name == "@" ? RefNames.Head : name);
        for (int at = end < 0 ? revision.Length : end; at < revision.Length;)
        {
            char step = revision[at++];
            int digits = revision.AsSpan(at).IndexOfAnyExceptInRange('0', '9');
            digits = digits < 0 ? revision.Length - at : digits;
            if (!int.TryParse(digits == 0 ? "1" : revision.AsSpan(at, digits), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            {
                throw new SourceException($"{repository.Path}: '{revision}': {revision.AsSpan(at, digits)} is too much") { IsUsageError = true };
            }
            at += digits;
            commit = step == '~' ? Climb(repository, commit, count, revision) : count == 0 ? commit : GetParent(repository, commit, count, revision);
        }
        return commit;
    }

    /// <summary>The commits whose names begin with these digits, at most two: one is what was meant, two are too many.</summary>
    public static IReadOnlyList<ObjectId> FindCommits(Repository repository, string digits)
        => [.. repository.Objects.FindByPrefix(digits, MaxCandidates)
            .Where(id => repository.Objects.GetKind(id) is { IsOk: true, Value: ObjectKind.Commit })
            .Take(2)];

    public static bool AreDigits(string name, ObjectFormat format)
        => name.Length >= MinDigits && name.Length <= format.IdLength * 2 && name.All(char.IsAsciiHexDigit);

    private static CommitFacts FindStart(Repository repository, string name)
    {
        if (ObjectId.TryParse(Encoding.UTF8.GetBytes(name), repository.Format, out ObjectId id))
        {
            return Check(repository.ReadCommit(id), repository, name);
        }
        foreach (string full in RefNames.Expand(name))
        {
            Errno errno = repository.Refs.Resolve(full, out ObjectId target, out _);
            if (errno == Errno.None)
            {
                return Check(repository.ReadCommit(target), repository, name);
            }
            if (errno != Errno.ENOENT)
            {
                throw new SourceException($"{repository.Path}: its refs are damaged; 'git fsck' tells more");
            }
        }
        if (AreDigits(name, repository.Format))
        {
            IReadOnlyList<ObjectId> found = FindCommits(repository, name);
            if (found.Count > 1)
            {
                throw new SourceException($"{repository.Path}: several commits begin with {name}; write more of its digits");
            }
            if (found.Count == 1)
            {
                return Check(repository.ReadCommit(found[0]), repository, name);
            }
        }
        throw new SourceException(Explain(repository, name));
    }

    private static CommitFacts Check(Result<CommitFacts> read, Repository repository, string name) => read.Errno switch
    {
        Errno.None => read.Value,
        Errno.ENOENT => throw new SourceException($"{repository.Path}: '{name}' is there, but the commit is not: it is missing, or something else than a commit"),
        _ => throw new SourceException($"{repository.Path}: the commit of '{name}' is damaged; 'git fsck' tells more"),
    };

    private static string Explain(Repository repository, string name)
    {
        if (name == RefNames.Head)
        {
            return $"{repository.Path}: HEAD leads to no commit: there is none yet, or HEAD names a branch that is not there";
        }
        string[] names = [.. ((string[])[RefNames.Branches, RefNames.Tags, RefNames.Remotes])
            .SelectMany(prefix => repository.Refs.List(prefix).Select(full => full[prefix.Length..])).Distinct()];
        IReadOnlyList<string> nearest = NearestNames.Find(name, names);
        string hint = names.Length == 0 ? "it has no branches or tags"
            : nearest.Count > 0 ? $"nearest: {string.Join(", ", nearest)}"
            : $"there are {string.Join(", ", names.Take(Shown))}{(names.Length > Shown ? $" and {names.Length - Shown} more" : "")}";
        return $"{repository.Path}: no branch, tag or commit '{name}'; {hint}";
    }

    private static CommitFacts Climb(Repository repository, CommitFacts commit, int count, string revision)
    {
        for (int i = 0; i < count; i++)
        {
            commit = GetParent(repository, commit, 1, revision);
        }
        return commit;
    }

    private static CommitFacts GetParent(Repository repository, CommitFacts commit, int number, string revision)
        => number > commit.Parents.Count
            ? throw new SourceException($"{repository.Path}: '{revision}' leads beyond the first commit: {commit.Id.ToHex(repository.Format)} has {commit.Parents.Count} parents")
            : Check(repository.ReadCommit(commit.Parents[number - 1]), repository, revision);
}
