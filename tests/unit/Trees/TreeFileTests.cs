using System.Text;
using Kaleidofs.Tests.Unit.Archive;
using Kaleidofs.Trees;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Tests.Unit.Trees;

public sealed class TreeFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_loaded_tree_answers_as_the_one_that_was_saved(int seed)
    {
        Tree built = MakeRandom(seed, 3000);
        Tree loaded = Load(Save(built))!;
        Assert.Equal(Describe(built), Describe(loaded));
        Assert.Equal((built.Count, built.NodeCount, built.TotalSize, built.HasExtendedAttributes), (loaded.Count, loaded.NodeCount, loaded.TotalSize, loaded.HasExtendedAttributes));
    }

    [Fact]
    public void A_tree_of_nothing_but_its_root_and_one_of_more_than_a_chunk_can_be_loaded()
    {
        Tree root = new TreeBuilder(new TreeNode()).Build();
        Assert.Equal(Describe(root), Describe(Load(Save(root))!));
        TreeBuilder builder = new(new TreeNode());
        for (int i = 0; i < 150_000; i++)
        {
            builder.Add(B($"{i % 300}/a name of some length, so that the heap has chunks: {i}"), new TreeNode { Mode = FileType.Regular, Size = i }, out _);
        }
        Tree built = builder.Build();
        Tree loaded = Load(Save(built))!;
        Assert.Equal(Describe(built, step: 97), Describe(loaded, step: 97));
    }

    [Fact]
    public void A_loaded_tree_is_not_saved_again() => Assert.False(Load(Save(MakeRandom(5, 50)))!.CanSave);

    [Fact]
    public void An_invalid_tree_answers_no_number()
    {
        Tree tree = Load(Save(MakeRandom(6, 50)))!;
        Assert.True(tree.TryGetNode(FileSystem.RootInode, out _));
        tree.Invalidate();
        Assert.False(tree.TryGetNode(FileSystem.RootInode, out _));
    }

    [Fact]
    public void Every_byte_of_the_header_and_of_the_sections_is_under_a_checksum()
    {
        byte[] file = Save(MakeRandom(7, 40));
        for (int position = 0; position < file.Length; position++)
        {
            bool isPadding = position >= IndexHeader.Length && !ForgedIndex.GetSections(file).ToArray().Any(section => position >= section.Position && position < section.Position + section.Length);
            file[position] ^= (byte)(1 << (position % 8));
            Assert.Equal(isPadding, IsIntact(file));
            file[position] ^= (byte)(1 << (position % 8));
        }
        Assert.True(IsIntact(file));
    }

    [Fact]
    public void A_file_that_is_cut_off_or_goes_on_is_none()
    {
        byte[] file = Save(MakeRandom(8, 40));
        for (int length = 0; length < file.Length; length += 13)
        {
            Assert.False(IsIntact(file[..length]));
        }
        Assert.False(IsIntact([.. file, 0]));
    }

    [Fact]
    public void Whatever_a_forged_file_says_is_an_answer_or_a_refusal_and_ends()
    {
        byte[] file = Save(MakeRandom(9, 300));
        int refused = 0;
        int answered = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            try
            {
                if (Load(ForgedIndex.Forge(file, new Random(seed))) is { } tree)
                {
                    Touch(tree, ref refused);
                    answered++;
                }
            }
            catch (Exception exception) when (ForgedIndex.IsRefusal(exception))
            {
                refused++;
            }
        }
        Assert.True(refused > 50 && answered > 50, $"{refused} were refused, {answered} answered");
    }

    [Fact]
    public void A_header_that_lies_about_its_sections_is_refused()
    {
        byte[] file = Save(MakeRandom(10, 40));
        foreach (long value in (long[])[-1, -64, 0, 64, file.Length, file.Length + 64, long.MaxValue - 63, long.MinValue])
        {
            for (int i = 0; i < ForgedIndex.GetSections(file).Length; i++)
            {
                Assert.True(IsRefused(section => section.Position = value), $"section {i} at {value}");
                if (value is < 0 || value > file.Length)
                {
                    Assert.True(IsRefused(section => section.Length = value), $"section {i} of {value} bytes");
                }
                bool IsRefused(Action<Wrapper> change)
                {
                    byte[] forged = [.. file];
                    Wrapper wrapper = new() { Position = ForgedIndex.GetSections(forged)[i].Position, Length = ForgedIndex.GetSections(forged)[i].Length };
                    change(wrapper);
                    ForgedIndex.GetSections(forged)[i].Position = wrapper.Position;
                    ForgedIndex.GetSections(forged)[i].Length = wrapper.Length;
                    IndexHeader.Seal(forged.AsSpan(0, IndexHeader.Length));
                    try
                    {
                        return !IsIntact(forged) || Load(forged) is null;
                    }
                    catch (Exception exception) when (ForgedIndex.IsRefusal(exception))
                    {
                        return true;
                    }
                }
            }
        }
    }

    private static byte[] B(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Save(Tree tree)
    {
        using MemoryStream stream = new();
        IndexWriter writer = new(stream);
        tree.Save(writer);
        writer.Complete();
        return stream.ToArray();
    }

    private Tree? Load(byte[] content)
    {
        using SafeFileHandle handle = File.OpenHandle(_directory.Write("tree.index", content));
        Tree? tree = IndexFile.Open(handle) is { } file ? Tree.Load(file) : null;
        // What is mapped stays, whatever becomes of the name.
        File.Delete(_directory["tree.index"]);
        return tree;
    }

    private bool IsIntact(byte[] content)
    {
        using SafeFileHandle handle = File.OpenHandle(_directory.Write("checked.index", content));
        using IndexFile? file = IndexFile.Open(handle);
        return file is not null && file.IsIntact(handle);
    }

    /// <summary>A tree with everything that trees have.</summary>
    private static Tree MakeRandom(int seed, int entries)
    {
        Random random = new(seed);
        TreeBuilder builder = new(new TreeNode { Mode = 0x1ED, ModificationTime = new Timestamp(seed, 5) });
        ExtendedAttributeSet[] sets = [.. Enumerable.Range(0, 5).Select(i => new ExtendedAttributeSet([(B("user.a"), B($"{i}")), (B("user.b"), [0, 255])]))];
        List<string> paths = ["x"];
        for (int i = 0; i < entries; i++)
        {
            string path = $"{random.Next(20)}/{(random.Next(2) == 0 ? "d\u00e9/" : "")}{random.Next(entries)}{new string('n', random.Next(200))}";
            TreeNode node = new()
            {
                Mode = (uint)random.Next(0x1000) | random.Next(8) switch { 0 => FileType.Directory, 1 => FileType.SymbolicLink, 2 => FileType.BlockDevice, _ => FileType.Regular },
                UserId = (uint)random.Next(10),
                GroupId = uint.MaxValue - (uint)random.Next(3),
                Size = random.NextInt64(1L << 50),
                ModificationTime = new Timestamp(random.Next(10) == 0 ? long.MaxValue / 2 : random.Next(), (uint)random.Next(1_000_000_000)),
            };
            if (random.Next(12) == 0)
            {
                builder.AddHardLink(B(path), B(paths[random.Next(paths.Count)]));
                continue;
            }
            if (builder.Add(B(path), node, out int entry) != PathRefusal.None)
            {
                continue;
            }
            paths.Add(path);
            switch (node.Mode & FileType.Mask)
            {
                case FileType.SymbolicLink when random.Next(3) > 0:
                    builder.SetTarget(entry, B(path + "/target"));
                    break;
                case FileType.BlockDevice:
                    builder.SetDevice(entry, (uint)random.Next());
                    break;
                case FileType.Regular when random.Next(3) == 0:
                    builder.SetBlocks(entry, (ulong)random.Next());
                    builder.SetTimes(entry, new Timestamp(1, 2), new Timestamp(-3, 4), new Timestamp(5, 6));
                    builder.SetExtendedAttributes(entry, sets[random.Next(sets.Length)]);
                    break;
                default:
                    break;
            }
        }
        return builder.Build();
    }

    /// <summary>All that a tree answers, as text.</summary>
    private static string Describe(Tree tree, int step = 1)
    {
        StringBuilder text = new();
        for (int entry = 0; entry < tree.Count; entry += step)
        {
            bool isNode = tree.TryGetNode(Tree.ToInode(entry), out int node);
            text.Append(entry).Append(' ').Append(isNode).Append(' ').Append(Convert.ToHexString(tree.GetName(entry))).Append(' ').Append(tree.GetParent(entry)).Append(' ').Append(tree.Resolve(entry));
            if (!isNode)
            {
                text.Append('\n');
                continue;
            }
            tree.GetAttributes(node, out Attributes attributes);
            text.Append($" {attributes.Mode} {attributes.UserId} {attributes.GroupId} {attributes.Size} {attributes.Blocks} {attributes.LinkCount} {attributes.DeviceId} {attributes.AccessTime} {attributes.ModificationTime} {attributes.ChangeTime}");
            text.Append(tree.TryGetTarget(node, out ReadOnlyMemory<byte> target) ? Convert.ToHexString(target.Span) : "-");
            ExtendedAttributeSet? set = tree.GetExtendedAttributes(node);
            text.Append(set is null ? "-" : Convert.ToHexString(set.Names.Span));
            text.Append(set is not null && set.TryGet("user.a"u8, out ReadOnlyMemory<byte> value) ? Convert.ToHexString(value.Span) : "-");
            for (int i = 0; tree.IsDirectory(node) && i < tree.GetChildCount(node); i += step)
            {
                int child = tree.GetChild(node, i);
                Assert.True(tree.TryFind(node, tree.GetName(child), out int found));
                text.Append(' ').Append(child).Append('>').Append(found);
            }
            text.Append('\n');
        }
        GC.KeepAlive(tree);
        return text.ToString();
    }

    /// <summary>Asks a tree of lies all that a kernel may ask.</summary>
    private static void Touch(Tree tree, ref int refused)
    {
        for (int entry = 0; entry < Math.Min(tree.Count, 2000); entry++)
        {
            try
            {
                if (!tree.TryGetNode(Tree.ToInode(entry), out int node))
                {
                    continue;
                }
                tree.GetAttributes(node, out _);
                _ = tree.GetName(entry).ToArray();
                _ = tree.GetExtendedAttributes(node)?.Names.ToArray();
                if (tree.TryGetTarget(node, out ReadOnlyMemory<byte> target))
                {
                    _ = target.ToArray();
                }
                _ = tree.TryFind(node, "no such name"u8, out _);
                int count = tree.GetChildCount(node);
                for (int i = 0; i < Math.Min(count, 2000); i++)
                {
                    int child = tree.GetChild(node, i);
                    tree.GetAttributes(tree.Resolve(child), out _);
                    _ = tree.TryFind(node, tree.GetName(child), out _);
                }
            }
            catch (Exception exception) when (ForgedIndex.IsRefusal(exception))
            {
                refused++;
            }
        }
        GC.KeepAlive(tree);
    }

    private sealed class Wrapper
    {
        public long Position { get; set; }

        public long Length { get; set; }
    }
}
