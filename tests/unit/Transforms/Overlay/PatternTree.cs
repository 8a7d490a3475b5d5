using System.Text;
using Kaleidofs.Trees;

namespace Kaleidofs.Tests.Unit.Transforms.Overlay;

/// <summary>An immutable tree to put overlays over, with content that anyone can compute.</summary>
internal sealed class PatternTree(Tree tree, string identity) : TreeFileSystem(tree, identity)
{
    public const int FileLength = 3000;

    /// <summary>Directories d0 to d3 with a directory "sub" each, some files in all of them, a link and a file with two names.</summary>
    public static PatternTree Make(string identity = "pattern:1")
    {
        TreeNode directory = new() { Mode = FileType.Directory | 0x1ED, UserId = 5, ModificationTime = new Timestamp(1000) };
        TreeNode file = new() { Mode = FileType.Regular | 0x1A4, Size = FileLength, ModificationTime = new Timestamp(2000, 3) };
        TreeBuilder builder = new(directory);
        for (int i = 0; i < 4; i++)
        {
            builder.Add(Encoding.UTF8.GetBytes($"d{i}"), directory, out _);
            for (int j = 0; j < 3; j++)
            {
                builder.Add(Encoding.UTF8.GetBytes($"d{i}/f{j}"), file, out _);
                builder.Add(Encoding.UTF8.GetBytes($"d{i}/sub/f{j}"), file, out _);
            }
        }
        builder.AddHardLink("d1/twin"u8, "d0/f0"u8);
        builder.Add("link"u8, new TreeNode { Mode = FileType.SymbolicLink | 0x1FF }, out int link);
        builder.SetTarget(link, "d0/f1"u8);
        return new PatternTree(builder.Build(), identity);
    }

    public static byte[] ContentOf(ulong inode) => [.. Enumerable.Range(0, FileLength).Select(i => (byte)((i * 7) + (long)inode))];

    protected override ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        destination.Write(ContentOf(Tree.ToInode(node)).AsSpan((int)offset, count));
        return new(Errno.None);
    }
}
