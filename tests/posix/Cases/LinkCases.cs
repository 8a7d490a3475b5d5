using System.Text;
using static Kaleidofs.Tests.Posix.Errno;

namespace Kaleidofs.Tests.Posix;

internal static class LinkCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("readlink: the target, byte for byte", Targets),
        ("readlink: a buffer that is too small gets the beginning", Short),
        ("readlink: anything else than a link is EINVAL", tree => Check.Fails(Libc.ReadLink(tree["hello.txt"], new byte[10]), EINVAL)),
        ("lstat: a link's size is its target's length", Size),
        ("symlink: is followed to a file and to a directory", Followed),
        ("symlink: to nowhere is ENOENT", tree => Check.Fails(Libc.Stat(tree["links/dangling"], out _), ENOENT)),
        ("symlink: to itself is ELOOP", tree => Check.Fails(Libc.Stat(tree["links/loop"], out _), ELOOP)),
        ("symlink: forty in a row are followed, one more is ELOOP", Chain),
        ("symlink: O_NOFOLLOW is ELOOP, with O_PATH the link itself", NoFollow),
        ("symlink: O_DIRECTORY|O_NOFOLLOW on a link to a directory is ENOTDIR", tree =>
            Check.Fails(Libc.Open(tree["links/directory"], Libc.O_DIRECTORY | Libc.O_NOFOLLOW), ENOTDIR)),
        ("hard links: one inode, three names, one content", HardLinks),
    ];

    private static string Target(Tree tree, string path, int size = 4096)
    {
        byte[] buffer = new byte[size];
        int length = (int)Check.Succeeds(Libc.ReadLink(tree[path], buffer), $"readlink {path}");
        return Encoding.Latin1.GetString(buffer, 0, length);
    }

    private static void Targets(Tree tree)
    {
        Check.Equal("../hello.txt", Target(tree, "links/relative"));
        Check.Equal("/nowhere/at/all", Target(tree, "links/absolute"));
        Check.Equal("\u00FF\u00FE\u0080", Target(tree, "links/bytes"));
        Check.Equal(new string('l', 4000), Target(tree, "links/long"));
        Check.Equal("loop", Target(tree, "links/loop"));
    }

    private static void Short(Tree tree) => Check.Equal("../h", Target(tree, "links/relative", 4));

    private static void Size(Tree tree)
    {
        StatBuffer stat = tree.Stat("links/long");
        Check.Equal(StatBuffer.SymbolicLink, stat.Type);
        Check.Equal(4000L, stat.Size);
        Check.Equal(12L, tree.Stat("links/relative").Size);
    }

    private static void Followed(Tree tree)
    {
        Check.Equal(tree.Stat("hello.txt").Inode, tree.Stat("links/relative", 0).Inode);
        Check.Equal(PosixFixture.Hello, Encoding.Latin1.GetString(tree.Content("links/relative")));
        Check.Equal(tree.Stat("many/" + PosixFixture.ManyName(1)).Inode, tree.Stat("links/directory/" + PosixFixture.ManyName(1)).Inode);
        Check.Equal(tree.Stat(".").Inode, tree.Stat("links/directory/..").Inode);
    }

    private static void Chain(Tree tree)
    {
        Check.Equal(StatBuffer.Regular, tree.Stat("links/chain-40", 0).Type);
        Check.Fails(Libc.Stat(tree["links/chain-41"], out _), ELOOP);
    }

    private static void NoFollow(Tree tree)
    {
        Check.Fails(Libc.Open(tree["links/relative"], Libc.O_NOFOLLOW), ELOOP);
        int link = tree.Open("links/relative", Libc.O_NOFOLLOW | Libc.O_PATH);
        Check.Succeeds(Libc.StatFile(link, out StatBuffer stat));
        Check.Equal(StatBuffer.SymbolicLink, stat.Type);
        Libc.Close(link);
    }

    private static void HardLinks(Tree tree)
    {
        StatBuffer first = tree.Stat("hard/a");
        Check.Equal(3ul, first.LinkCount);
        foreach (string name in new[] { "hard/b", "hard/c" })
        {
            Check.Equal(first, tree.Stat(name), name);
            Check.Equal("three names\n", Encoding.Latin1.GetString(tree.Content(name)));
        }
    }
}
