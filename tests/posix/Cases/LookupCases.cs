using static Kaleidofs.Tests.Posix.Errno;

namespace Kaleidofs.Tests.Posix;

internal static class LookupCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("lookup: a missing name is ENOENT, again and again", Missing),
        ("lookup: an empty path is ENOENT", tree => Check.Fails(Libc.Stat("", out _), ENOENT)),
        ("lookup: a file as a directory is ENOTDIR", NotADirectory),
        ("lookup: a name of 255 bytes is found", tree => Check.Equal(StatBuffer.Regular, tree.Stat("names/" + new string('n', 255)).Type)),
        ("lookup: a name of 256 bytes is ENAMETOOLONG", tree => Check.Fails(Libc.Stat(tree["names/" + new string('n', 256)], out _), ENAMETOOLONG)),
        ("lookup: a path of 4096 bytes is ENAMETOOLONG", tree => Check.Fails(Libc.Stat(tree[string.Concat(Enumerable.Repeat("./", 2048))], out _), ENAMETOOLONG)),
        ("lookup: every strange name is found and is itself", StrangeNames),
        ("lookup: names that are no UTF-8 are found", ByteNames),
        ("lookup: names are bytes, and case matters", Case),
        ("lookup: slashes and dots change nothing", Dots),
        ("lookup: a directory that no entry names is there", tree => Check.Equal("implied\n", Text(tree, "implied/only/by/a/file"))),
        ("lookup: a hundred levels deep", tree => Check.Equal("deep\n", Text(tree, Deep + "bottom"))),
        ("lookup: '..' leads up again, level by level", Up),
        ("lookup: getcwd names the directory", CurrentDirectory),
    ];

    private static string Deep { get; } = string.Concat(Enumerable.Repeat("deep/", PosixFixture.Depth));

    private static string Text(Tree tree, string path) => System.Text.Encoding.Latin1.GetString(tree.Content(path));

    private static void Missing(Tree tree)
    {
        for (int i = 0; i < 3; i++)
        {
            Check.Fails(Libc.Stat(tree["missing"], out _), ENOENT);
            Check.Fails(Libc.Stat(tree["many/file-99999"], out _), ENOENT);
            Check.Fails(Libc.Stat(tree["missing/deeper"], out _), ENOENT);
            Check.Fails(Libc.Stat(tree["missing/../hello.txt"], out _), ENOENT);
        }
    }

    private static void NotADirectory(Tree tree)
    {
        Check.Fails(Libc.Stat(tree["hello.txt/x"], out _), ENOTDIR);
        Check.Fails(Libc.Stat(tree["hello.txt/"], out _), ENOTDIR);
        Check.Fails(Libc.Stat(tree["hello.txt/.."], out _), ENOTDIR);
    }

    private static void StrangeNames(Tree tree)
    {
        foreach (string name in PosixFixture.StrangeNames)
            Check.Equal(name, Text(tree, "names/" + name));
    }

    private static void ByteNames(Tree tree)
    {
        foreach (string name in PosixFixture.ByteNames)
            Check.Equal(name, Text(tree, "bytes/" + name));
        // The same letters as U+00E9 in UTF-8 are another name than the byte 0xE9.
        Check.Fails(Libc.Stat(tree["bytes/latin-\u00C3\u00A9"], out _), ENOENT);
    }

    private static void Case(Tree tree)
    {
        Check.Fails(Libc.Stat(tree["HELLO.TXT"], out _), ENOENT);
        Check.True(tree.Stat("names/Case").Inode != tree.Stat("names/case").Inode);
    }

    private static void Dots(Tree tree)
    {
        ulong inode = tree.Stat("hello.txt").Inode;
        Check.Equal(inode, tree.Stat("//./hello.txt").Inode);
        Check.Equal(inode, tree.Stat("many/../modes/./.././hello.txt").Inode);
        Check.Equal(tree.Stat(".").Inode, tree.Stat("many/..").Inode);
    }

    private static void Up(Tree tree)
    {
        int folder = tree.Open(Deep, Libc.O_DIRECTORY);
        for (int level = 0; level < PosixFixture.Depth; level++)
        {
            int parent = (int)Check.Succeeds(Libc.OpenAt(folder, "..", Libc.O_DIRECTORY), "open ..");
            Libc.Close(folder);
            folder = parent;
        }
        Check.Succeeds(Libc.StatFile(folder, out StatBuffer top));
        Check.Equal(tree.Stat(".").Inode, top.Inode);
        Libc.Close(folder);
    }

    private static void CurrentDirectory(Tree tree)
    {
        int before = (int)Check.Succeeds(Libc.Open(".", Libc.O_DIRECTORY));
        int folder = tree.Open(Deep, Libc.O_DIRECTORY);
        Check.Succeeds(Libc.ChangeDirectory(folder));
        byte[] buffer = new byte[4096];
        int length = (int)Check.Succeeds(Libc.CurrentDirectory(buffer));
        Check.Succeeds(Libc.Stat("../deep/bottom", out StatBuffer bottom));
        Check.Succeeds(Libc.ChangeDirectory(before));
        Check.True(System.Text.Encoding.Latin1.GetString(buffer, 0, length - 1).EndsWith("/" + Deep.TrimEnd('/'), StringComparison.Ordinal));
        Check.Equal(5L, bottom.Size);
        Libc.Close(folder);
        Libc.Close(before);
    }
}
