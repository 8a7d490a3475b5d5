using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Transforms.Overlay;

/// <summary>Thousands of operations, compared with a model: outcomes at once, and the whole tree each time that it is opened again.</summary>
public sealed class OverlayRandomTests
{
    private static readonly string[] Names = ["f0", "f1", "f2", "sub", "d0", "d1", "x", "y", "twin"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task An_overlay_does_what_a_model_does_and_is_the_same_when_it_is_opened_again(int seed)
    {
        const int Rounds = 6;
        const int Operations = 400;
        using TemporaryFolder folder = new();
        Random random = new(seed);
        ModelNode? root = null;
        for (int round = 0; round < Rounds; round++)
        {
            await using OverlaidTree tree = await OverlaidTree.OpenAsync(folder.At("upper"));
            if (root is null)
            {
                root = await CopyAsync(tree, "", []);
            }
            else
            {
                await CompareAsync(tree, "", root, keepsNumbers: true);
            }
            for (int i = 0; i < Operations; i++)
            {
                await StepAsync(tree, root, random);
            }
            await CompareAsync(tree, "", root, keepsNumbers: false);
            Assert.Empty(tree.Log.Lines);
        }
    }

    private static async Task StepAsync(OverlaidTree tree, ModelNode root, Random random)
    {
        (string path, ModelNode parent, string name) = Pick(root, random);
        ModelNode? there = parent.Children.GetValueOrDefault(name);
        switch (random.Next(12))
        {
            case 0 or 1:
                Assert.Equal(there is null ? Errno.None : Errno.EEXIST, await tree.CreateAsync(path));
                parent.Children.TryAdd(name, new ModelNode { Mode = FileType.Regular | 0x1A4 });
                break;
            case 2 or 3 when there is { IsDirectory: false, Target: null }:
                byte[] bytes = new byte[random.Next(1, 3000)];
                random.NextBytes(bytes);
                int offset = random.Next(4000);
                await tree.WriteAsync(path, offset, bytes, random.Next(20) == 0);
                byte[] content = there.Content;
                Array.Resize(ref content, Math.Max(content.Length, offset + bytes.Length));
                bytes.CopyTo(content, offset);
                there.Content = content;
                break;
            case 4 when there is { IsDirectory: false, Target: null }:
                int size = random.Next(5000);
                Assert.Equal(Errno.None, await tree.ChangeAsync(path, new AttributeChange { Size = (ulong)size }));
                byte[] cut = there.Content;
                Array.Resize(ref cut, size);
                there.Content = cut;
                break;
            case 5:
                Assert.Equal(there is null ? Errno.ENOENT : there.IsDirectory ? Errno.EISDIR : Errno.None, await tree.UnlinkAsync(path));
                if (there is { IsDirectory: false })
                {
                    there.Links--;
                    parent.Children.Remove(name);
                }
                break;
            case 6:
                Assert.Equal(there is null ? Errno.None : Errno.EEXIST, await tree.MakeDirectoryAsync(path));
                parent.Children.TryAdd(name, new ModelNode { Mode = FileType.Directory | 0x1C0 });
                break;
            case 7:
                Errno removal = there is null ? Errno.ENOENT : !there.IsDirectory ? Errno.ENOTDIR : there.Children.Count > 0 ? Errno.ENOTEMPTY : Errno.None;
                Assert.Equal(removal, await tree.RemoveDirectoryAsync(path));
                if (removal == Errno.None)
                {
                    parent.Children.Remove(name);
                }
                break;
            case 8 when there is not null:
                uint mode = (uint)random.Next(0x200);
                Assert.Equal(Errno.None, await tree.ChangeAsync(path, new AttributeChange { Mode = mode }));
                there.Mode = (there.Mode & FileType.Mask) | mode;
                break;
            case 9 when there is { IsDirectory: false }:
                (string linkPath, ModelNode linkParent, string linkName) = Pick(root, random);
                bool isFree = !linkParent.Children.ContainsKey(linkName);
                Assert.Equal(isFree ? Errno.None : Errno.EEXIST, await tree.LinkAsync(path, linkPath));
                if (isFree)
                {
                    linkParent.Children.Add(linkName, there);
                    there.Links++;
                }
                break;
            case 10 or 11:
                await RenameAsync(tree, root, random, path, parent, name);
                break;
            default:
                if (there is null)
                {
                    Assert.Equal(Errno.None, await tree.SymbolicLinkAsync(path, "some/where"));
                    parent.Children.Add(name, new ModelNode { Mode = FileType.SymbolicLink | 0x1FF, Target = "some/where" });
                }
                break;
        }
    }

    private static async Task RenameAsync(OverlaidTree tree, ModelNode root, Random random, string path, ModelNode parent, string name)
    {
        (string newPath, ModelNode newParent, string newName) = Pick(root, random);
        RenameOptions options = random.Next(4) switch { 0 => RenameOptions.NoReplace, 1 => RenameOptions.Exchange, _ => RenameOptions.None };
        ModelNode? source = parent.Children.GetValueOrDefault(name);
        ModelNode? target = newParent.Children.GetValueOrDefault(newName);
        Errno expected =
            source is null || (options == RenameOptions.Exchange && target is null) ? Errno.ENOENT
            : options == RenameOptions.NoReplace && target is not null ? Errno.EEXIST
            : source.IsDirectory && source.Contains(newParent) ? Errno.EINVAL
            : target is { IsDirectory: true } && target.Contains(parent) ? (options == RenameOptions.Exchange ? Errno.EINVAL : Errno.ENOTEMPTY)
            : target is null || options == RenameOptions.Exchange || source == target ? Errno.None
            : source.IsDirectory != target.IsDirectory ? (target.IsDirectory ? Errno.EISDIR : Errno.ENOTDIR)
            : target.IsDirectory && target.Children.Count > 0 ? Errno.ENOTEMPTY
            : Errno.None;
        Assert.Equal(expected, await tree.RenameAsync(path, newPath, options));
        if (expected != Errno.None || source == target)
        {
            return;
        }
        parent.Children.Remove(name);
        newParent.Children[newName] = source!;
        if (options == RenameOptions.Exchange)
        {
            parent.Children[name] = target!;
        }
        else if (target is not null)
        {
            target.Links--;
        }
    }

    /// <summary>A random directory, and a name in it that may be there.</summary>
    private static (string Path, ModelNode Parent, string Name) Pick(ModelNode root, Random random)
    {
        ModelNode directory = root;
        string path = "";
        while (random.Next(3) > 0)
        {
            KeyValuePair<string, ModelNode>[] below = [.. directory.Children.Where(child => child.Value.IsDirectory)];
            if (below.Length == 0)
            {
                break;
            }
            KeyValuePair<string, ModelNode> next = below[random.Next(below.Length)];
            path += next.Key + "/";
            directory = next.Value;
        }
        string name = Names[random.Next(Names.Length)];
        return (path + name, directory, name);
    }

    private static async Task<ModelNode> CopyAsync(OverlaidTree tree, string path, Dictionary<ulong, ModelNode> seen)
    {
        Attributes attributes = (await tree.FindAsync(path)).Value;
        if (seen.TryGetValue(attributes.Inode, out ModelNode? known))
        {
            known.Links++;
            return known;
        }
        ModelNode node = new()
        {
            Mode = attributes.Mode,
            Content = attributes.IsRegularFile ? await tree.ReadAsync(path) : [],
            Target = attributes.IsSymbolicLink ? "d0/f1" : null,
        };
        seen.Add(attributes.Inode, node);
        foreach ((string name, _) in attributes.IsDirectory ? await tree.ListAsync(path) : [])
        {
            node.Children.Add(name, await CopyAsync(tree, $"{path}/{name}", seen));
        }
        return node;
    }

    private static async Task CompareAsync(OverlaidTree tree, string path, ModelNode node, bool keepsNumbers)
    {
        Result<Attributes> found = await tree.FindAsync(path);
        Assert.True(found.IsOk, $"{path}: {found.Errno}");
        Assert.Equal((path, node.Mode), (path, found.Value.Mode));
        Assert.Equal(keepsNumbers ? node.Inode : found.Value.Inode, found.Value.Inode);
        node.Inode = found.Value.Inode;
        if (node.Target is not null)
        {
            Result<ReadOnlyMemory<byte>> target = await tree.FileSystem.ReadLinkAsync(default, node.Inode);
            Assert.Equal(node.Target, System.Text.Encoding.UTF8.GetString(target.Value.Span));
        }
        else if (!node.IsDirectory)
        {
            Assert.Equal((path, node.Content.Length), (path, (int)found.Value.Size));
            Assert.Equal(node.Content, await tree.ReadAsync(path));
        }
        if (!node.IsDirectory)
        {
            Assert.Equal((path, node.Links), (path, (int)found.Value.LinkCount));
            return;
        }
        Assert.Equal((path, node.Children.Values.Count(child => child.IsDirectory) + 2), (path, (int)found.Value.LinkCount));
        List<(string Name, Entry Entry)> listed = await tree.ListAsync(path);
        Assert.Equal(node.Children.Keys, listed.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        foreach ((string name, ModelNode child) in node.Children)
        {
            await CompareAsync(tree, $"{path}/{name}", child, keepsNumbers);
            Assert.Equal(child.Inode, listed.Single(entry => entry.Name == name).Entry.Attributes.Inode);
        }
    }
}
