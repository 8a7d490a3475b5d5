using System.Text;
using Kaleidofs.Drivers.Git.Diffs;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>What a commit says beside its tree: message, author and committer as they stand in it, all of it, its parents, the paths that it changes, and how.</summary>
internal sealed class MetaDirectory(ulong number, Node parent, object key, Repository repository, TreeCache trees, TextCache texts, CommitFacts commit)
    : VirtualDirectory(number, parent, key)
{
    private const string Parents = "parents";

    private static readonly string[] Names = ["author", "changes", "commit", "committer", "diff", "message", Parents];

    public override bool IsImmutable => true;

    public override Attributes Attributes => NodeAttributes.OfDirectory(Inode, commit.Time);

    public override Result<Node> Find(NodeTable table, string name)
    {
        if (!Names.Contains(name))
        {
            return Errno.ENOENT;
        }
        string key = $"{CommitHex}/{name}";
        return name == Parents
            ? table.Enter(Derive(name), key, number => new ParentsDirectory(number, this, key, commit, repository.Format))
            : table.Enter(Derive(name), key, number => new TextNode(number, this, key, commit.Time, texts, () => Make(name)));
    }

    public override IEnumerable<string> List() => Names;

    private Result<ReadOnlyMemory<byte>> Make(string name)
    {
        switch (name)
        {
            case "changes":
                return Tell(name, ChangedPaths.Make(repository, trees, commit));
            case "diff":
                return Tell(name, CommitPatch.Make(repository, trees, commit));
        }
        Result<ObjectBuffer> read = repository.Objects.Read(commit.Id, ObjectKind.Commit, CommitFacts.MaxLength);
        if (!read.IsOk)
        {
            return read.Errno == Errno.ENOENT ? repository.Objects.Miss(commit.Id) : read.Errno;
        }
        using ObjectBuffer text = read.Value;
        return new ReadOnlyMemory<byte>(name switch
        {
            "message" => CommitFacts.GetMessage(text.Span).ToArray(),
            "commit" => text.Span.ToArray(),
            _ => CommitFacts.TryGetHeader(text.Span, Encoding.ASCII.GetBytes(name), out ReadOnlySpan<byte> value) ? [.. value, (byte)'\n'] : [],
        });
    }

    private Result<ReadOnlyMemory<byte>> Tell(string name, Result<ReadOnlyMemory<byte>> made)
    {
        if (made.Errno == Errno.EFBIG)
        {
            repository.Log.Write($"commit {CommitHex}: '{name}' is not made: it would be too long, or take too much to make");
        }
        return made;
    }

    private string CommitHex => commit.Id.ToHex(repository.Format);
}
