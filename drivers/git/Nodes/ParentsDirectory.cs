using System.Globalization;
using System.Text;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>A commit's parents, by their numbers, as links to their trees. In a shallow clone some lead nowhere.</summary>
internal sealed class ParentsDirectory(ulong number, Node parent, object key, CommitFacts commit, ObjectFormat format) : VirtualDirectory(number, parent, key)
{
    public override bool IsImmutable => true;

    public override Attributes Attributes => NodeAttributes.OfDirectory(Inode, commit.Time);

    public override Result<Node> Find(NodeTable table, string name)
    {
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index < 1 || index > commit.Parents.Count || name[0] == '0')
        {
            return Errno.ENOENT;
        }
        string key = $"{commit.Id.ToHex(format)}/parents/{index}";
        byte[] target = Encoding.ASCII.GetBytes($"../../{commit.Parents[index - 1].ToHex(format)}");
        return table.Enter(Derive(name), key, number => new LinkNode(number, this, key, target, commit.Time));
    }

    public override IEnumerable<string> List()
        => [.. Enumerable.Range(1, commit.Parents.Count).Select(index => index.ToString(CultureInfo.InvariantCulture))];
}
