using System.Globalization;
using System.Text;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Refs;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>
/// The commits that lead to HEAD and touched a path, as links named by their times. Below it, found by its name and not listed, is
/// what is in the path.
/// </summary>
internal sealed class HistoryDirectory(ulong number, Node parent, object key, Repository repository, TreeCache trees, IReadOnlyList<byte[]> path)
    : VirtualDirectory(number, parent, key)
{
    /// <summary>The order of the names is that of the times.</summary>
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const int TimeLength = 20;

    private static readonly UTF8Encoding Text = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>HEAD may move, and what is not in it may be in the next.</summary>
    public override CacheTime NameTime => path.Count == 0 ? CacheTime.Forever : CacheTime.None;

    public override Result<Node> Find(NodeTable table, string name)
    {
        if (TryParse(name) is { } commit)
        {
            return new PathHistory(repository, trees, path).IsTouchedBy(commit) ? EnterLink(table, name, commit) : Errno.ENOENT;
        }
        if (name is "." or ".." || repository.ReadRef(RefNames.Head) is not { IsOk: true, Value: var head })
        {
            return Errno.ENOENT;
        }
        List<byte[]> below = [.. path, Text.GetBytes(name)];
        PathHistory history = new(repository, trees, below);
        // What is gone was there once, or never.
        if (history.Find(head.Tree) is null && !history.Walk(head).Any())
        {
            return Errno.ENOENT;
        }
        string inner = $"{Key}/{name}";
        return table.Enter(Derive(name), inner, number => new HistoryDirectory(number, this, inner, repository, trees, below));
    }

    public override IEnumerable<string> List()
        => repository.ReadRef(RefNames.Head) is { IsOk: true, Value: var head } ? new PathHistory(repository, trees, path).Walk(head).Select(GetName) : [];

    private Result<Node> EnterLink(NodeTable table, string name, CommitFacts commit)
    {
        string target = string.Concat(Enumerable.Repeat("../", path.Count + 1)) + "commits/" + commit.Id.ToHex(repository.Format);
        string link = $"{Key}/{name}";
        return table.Enter(Derive(name), link, number => new LinkNode(number, this, link, Encoding.ASCII.GetBytes(target), commit.Time));
    }

    private string GetName(CommitFacts commit)
        => $"{FormatTime(commit.Time.Seconds)}.{commit.Id.ToHex(repository.Format)}";

    /// <summary>The commit that a name of this form is of.</summary>
    private CommitFacts? TryParse(string name)
        => name.Length == TimeLength + 1 + (repository.Format.IdLength * 2)
        && ObjectId.TryParse(Encoding.UTF8.GetBytes(name[(TimeLength + 1)..]), repository.Format, out ObjectId id)
        && repository.ReadCommit(id) is { IsOk: true, Value: var commit } && GetName(commit) == name ? commit : null;

    private static string FormatTime(long seconds)
    {
        long last = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, last)).ToString(TimeFormat, CultureInfo.InvariantCulture);
    }
}
