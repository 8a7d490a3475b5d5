using System.Text;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>What a commit says beside its tree: message, author and committer as they stand in it, all of it, its parents, and the paths that it changes.</summary>
internal sealed class MetaDirectory(ulong number, Node parent, object key, Repository repository, TreeCache trees, CommitFacts commit) : VirtualDirectory(number, parent, key)
{
    private const string Parents = "parents";
    private const string Changes = "changes";

    private static readonly string[] Names = ["author", Changes, "commit", "committer", "message", Parents];

    public override bool IsImmutable => true;

    public override Attributes Attributes => NodeAttributes.OfDirectory(Inode, commit.Time);

    public override Result<Node> Find(NodeTable table, string name)
    {
        string key = $"{CommitHex}/{name}";
        if (name == Parents)
        {
            return table.Enter(Derive(name), key, number => new ParentsDirectory(number, this, key, commit, repository.Format));
        }
        if (!Names.Contains(name))
        {
            return Errno.ENOENT;
        }
        if (name == Changes)
        {
            Result<byte[]> lines = Compare();
            return lines.IsOk ? table.Enter(Derive(name), key, number => new TextNode(number, this, key, lines.Value, commit.Time)) : lines.Errno;
        }
        Result<ObjectBuffer> read = repository.Objects.Read(commit.Id, ObjectKind.Commit, CommitFacts.MaxLength);
        if (!read.IsOk)
        {
            return read.Errno == Errno.ENOENT ? repository.Objects.Miss(commit.Id) : read.Errno;
        }
        using ObjectBuffer text = read.Value;
        byte[] content = name switch
        {
            "message" => CommitFacts.GetMessage(text.Span).ToArray(),
            "commit" => text.Span.ToArray(),
            _ => CommitFacts.TryGetHeader(text.Span, Encoding.ASCII.GetBytes(name), out ReadOnlySpan<byte> value) ? [.. value, (byte)'\n'] : [],
        };
        return table.Enter(Derive(name), key, number => new TextNode(number, this, key, content, commit.Time));
    }

    public override IReadOnlyCollection<string> List() => Names;

    /// <summary>Against the first parent; of the first commit everything is new. In a shallow clone the parent may not be there.</summary>
    private Result<byte[]> Compare()
    {
        if (commit.Parents.Count == 0)
        {
            return new TreeDiff(repository, trees).Compare(null, commit.Tree);
        }
        Result<CommitFacts> parent = repository.ReadCommit(commit.Parents[0]);
        return parent.IsOk ? new TreeDiff(repository, trees).Compare(parent.Value.Tree, commit.Tree) : parent.Errno;
    }

    private string CommitHex => commit.Id.ToHex(repository.Format);
}
