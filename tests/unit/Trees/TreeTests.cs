using System.Text;
using Kaleidofs.Trees;

namespace Kaleidofs.Tests.Unit.Trees;

public sealed class TreeTests
{
    private static readonly TreeNode File = new() { Mode = FileType.Regular | 0x1A4, UserId = 1, GroupId = 2, Size = 100, ModificationTime = new Timestamp(-5, 999_999_999) };
    private static readonly TreeNode Directory = new() { Mode = FileType.Directory | 0x1C0 };

    private static byte[] B(string text) => Encoding.UTF8.GetBytes(text);

    private static int Add(TreeBuilder builder, string path, in TreeNode node)
    {
        Assert.Equal(PathRefusal.None, builder.Add(B(path), node, out int entry));
        return entry;
    }

    private static int Find(Tree tree, string path)
    {
        int node = 0;
        foreach (string name in path.Split('/'))
        {
            Assert.True(tree.TryFind(node, B(name), out node), path);
        }
        return node;
    }

    private static IEnumerable<string> Children(Tree tree, int directory)
        => Enumerable.Range(0, tree.GetChildCount(directory)).Select(position => Encoding.UTF8.GetString(tree.GetName(tree.GetChild(directory, position))));

    [Fact]
    public void Numbers_are_positions_in_the_source_and_the_same_each_time()
    {
        static Tree Make()
        {
            TreeBuilder builder = new(Directory);
            Add(builder, "b/x", File);
            Add(builder, "a", File);
            Add(builder, "b/c/y", File);
            return builder.Build();
        }
        Tree first = Make();
        Tree second = Make();
        foreach (string path in new[] { "b", "b/x", "a", "b/c", "b/c/y" })
        {
            Assert.Equal(Find(first, path), Find(second, path));
        }
        Assert.Equal((1, 2, 3), (Find(first, "b"), Find(first, "b/x"), Find(first, "a")));
    }

    [Fact]
    public void Children_are_listed_in_the_sources_order()
    {
        TreeBuilder builder = new(Directory);
        string[] names = ["z", "y", "m", "a", "b"];
        foreach (string name in names)
        {
            Add(builder, name, File);
            Add(builder, $"in/{name}", File);
        }
        Tree tree = builder.Build();
        Assert.Equal(names, Children(tree, Find(tree, "in")));
        Assert.Equal(["z", "in", "y", "m", "a", "b"], Children(tree, 0));
    }

    [Fact]
    public void Every_one_of_many_names_is_found_and_no_other()
    {
        const int Count = 200_000;
        TreeBuilder builder = new(Directory);
        for (int i = 0; i < Count; i++)
        {
            Add(builder, $"{i % 100}/name-{i}", File);
        }
        Tree tree = builder.Build();
        for (int i = 0; i < Count; i++)
        {
            Assert.True(tree.TryFind(Find(tree, $"{i % 100}"), B($"name-{i}"), out int node));
            Assert.Equal($"name-{i}", Encoding.UTF8.GetString(tree.GetName(node)));
            Assert.False(tree.TryFind(Find(tree, $"{i % 100}"), B($"name-{i + 1}"), out _));
        }
    }

    [Fact]
    public void Attributes_and_link_counts_are_true()
    {
        TreeBuilder builder = new(Directory);
        int file = Add(builder, "dir/file", File);
        Add(builder, "dir/sub/", Directory);
        Add(builder, "dir/sub2/x", File);
        Assert.Equal(PathRefusal.None, builder.AddHardLink(B("second"), B("dir/file")));
        Assert.Equal(PathRefusal.None, builder.AddHardLink(B("third"), B("second")));
        Tree tree = builder.Build();
        tree.GetAttributes(file, out Attributes attributes);
        Assert.Equal((3u, 100ul, 1ul, 1u, 2u), (attributes.LinkCount, attributes.Size, attributes.Blocks, attributes.UserId, attributes.GroupId));
        Assert.Equal(new Timestamp(-5, 999_999_999), attributes.ModificationTime);
        Assert.Equal(file, Find(tree, "third"));
        tree.GetAttributes(Find(tree, "dir"), out attributes);
        Assert.Equal(4u, attributes.LinkCount);
        tree.GetAttributes(0, out attributes);
        Assert.Equal(3u, attributes.LinkCount);
    }

    [Fact]
    public void A_file_that_lost_its_name_lives_on_under_its_other_names()
    {
        TreeBuilder builder = new(Directory);
        int old = Add(builder, "file", File);
        builder.AddHardLink(B("link"), B("file"));
        int lost = Add(builder, "lost", File);
        int current = Add(builder, "file", File);
        Add(builder, "lost", File);
        Tree tree = builder.Build();
        Assert.Equal((current, old), (Find(tree, "file"), Find(tree, "link")));
        tree.GetAttributes(old, out Attributes attributes);
        Assert.Equal(1u, attributes.LinkCount);
        Assert.False(tree.TryGetNode(Tree.ToInode(lost), out _));
    }

    [Fact]
    public void Hard_links_resolve_backwards_and_in_chains_and_never_in_loops()
    {
        TreeBuilder builder = new(Directory);
        builder.AddHardLink(B("c"), B("b"));
        builder.AddHardLink(B("b"), B("a"));
        builder.AddHardLink(B("loop1"), B("loop2"));
        builder.AddHardLink(B("loop2"), B("loop1"));
        builder.AddHardLink(B("self"), B("self"));
        builder.AddHardLink(B("to-directory"), B("dir"));
        builder.AddHardLink(B("nowhere"), B("missing"));
        Add(builder, "a", File);
        Add(builder, "dir/x", File);
        Tree tree = builder.Build();
        Assert.Equal(Find(tree, "a"), Find(tree, "b"));
        Assert.Equal(Find(tree, "a"), Find(tree, "c"));
        Assert.Equal(5, builder.DanglingLinks);
        Assert.Equal(["a", "dir", "b", "c"], Children(tree, 0));
    }

    [Theory]
    [InlineData("..", PathRefusal.ParentReference)]
    [InlineData("a/../b", PathRefusal.ParentReference)]
    [InlineData("../a", PathRefusal.ParentReference)]
    [InlineData("a\0", PathRefusal.ContainsNul)]
    [InlineData("a\0/b", PathRefusal.ContainsNul)]
    [InlineData("", PathRefusal.IsDirectory)]
    [InlineData("/", PathRefusal.IsDirectory)]
    [InlineData("./.", PathRefusal.IsDirectory)]
    public void Paths_that_mean_nothing_good_are_refused(string path, PathRefusal refusal)
    {
        TreeBuilder builder = new(Directory);
        Assert.Equal(refusal, builder.Add(B(path), File, out _));
        Assert.Equal(0, builder.Build().GetChildCount(0));
    }

    [Fact]
    public void Names_of_255_bytes_fit_and_longer_ones_do_not()
    {
        TreeBuilder builder = new(Directory);
        Add(builder, new string('n', 255) + "/" + new string('m', 255), File);
        Assert.Equal(PathRefusal.NameTooLong, builder.Add(B(new string('n', 256)), File, out _));
        Assert.Equal(PathRefusal.NameTooLong, builder.Add(B(new string('n', 256) + "/x"), File, out _));
        Find(builder.Build(), new string('n', 255) + "/" + new string('m', 255));
    }

    [Fact]
    public void Times_beyond_the_columns_range_are_kept()
    {
        TreeBuilder builder = new(Directory);
        TreeNode node = File;
        node.ModificationTime = new Timestamp(253_402_300_799_000, 7);
        int far = Add(builder, "far", node);
        Tree tree = builder.Build();
        tree.GetAttributes(far, out Attributes attributes);
        Assert.Equal(node.ModificationTime, attributes.ModificationTime);
    }

    [Fact]
    public void A_tree_of_too_many_entries_is_refused_and_another_grows_on()
    {
        const int Limit = 1000;
        TreeBuilder other = new(Directory) { EntryLimit = Limit };
        TreeBuilder builder = new(Directory) { EntryLimit = Limit };
        // The root is one, too.
        for (int i = 1; i < Limit; i++)
        {
            Add(builder, $"f{i}", File);
        }
        SourceException exception = Assert.Throws<SourceException>(() => builder.Add(B("one-more"), File, out _));
        Assert.Equal("it has over 1000 entries: refused", exception.Message);
        // Directories that no entry names are entries as well.
        Assert.Throws<SourceException>(() => builder.Add(B("d/e"), File, out _));
        Add(other, "d/e", File);
        Assert.Equal(1, other.Build().GetChildCount(0));
    }
}
