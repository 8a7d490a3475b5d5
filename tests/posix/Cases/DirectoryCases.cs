using static Kaleidofs.Tests.Posix.Errno;

namespace Kaleidofs.Tests.Posix;

internal static class DirectoryCases
{
    /// <summary>Room for one entry with the longest name: 19 bytes, 255, a NUL, to a multiple of 8.</summary>
    private const int OneEntry = 280;

    public static readonly (string, Action<Tree>)[] Table =
    [
        ("readdir: every name once, '.' and '..' too", Complete),
        ("readdir: the same with room for one entry at a time", Tiny),
        ("readdir: no room for an entry is EINVAL, and nothing is lost", NoRoom),
        ("readdir: a large directory, whatever the buffer", Large),
        ("readdir: strange names arrive byte for byte", tree =>
            Check.True(Tree.Names(tree.List("names")).SequenceEqual(PosixFixture.StrangeNames.Order(StringComparer.Ordinal)))),
        ("readdir: names that are no UTF-8 arrive byte for byte", tree =>
            Check.True(Tree.Names(tree.List("bytes")).SequenceEqual(PosixFixture.ByteNames.Order(StringComparer.Ordinal)))),
        ("readdir: inode numbers and types agree with lstat", Agreement),
        ("readdir: the root's '..' does no harm", tree => Check.Equal(StatBuffer.Directory, tree.Stat(".").Type)),
        ("readdir: on a file is ENOTDIR", NotADirectory),
        ("readdir: read(2) on a directory is EISDIR", ReadDirectory),
        ("seekdir: every position leads to the entry after it", Positions),
        ("seekdir: positions outlive the open directory", Reopened),
        ("seekdir: rewinding lists everything again", Rewind),
        ("readdir: two readers of one directory do not disturb each other", Interleaved),
        ("readdir: a directory without entries of its own", tree => Check.True(Tree.Names(tree.List("implied")) is ["only"])),
    ];

    private static string[] ManyNames => [.. Enumerable.Range(0, PosixFixture.ManyCount).Select(PosixFixture.ManyName)];

    private static void Complete(Tree tree)
    {
        List<DirectoryEntry> entries = tree.List("hard");
        Check.Equal(5, entries.Count);
        Check.True(Tree.Names(entries) is ["a", "b", "c"]);
        Check.Equal(1, entries.Count(entry => entry.Name == "."));
        Check.Equal(1, entries.Count(entry => entry.Name == ".."));
    }

    private static void Tiny(Tree tree)
    {
        Check.True(Tree.Names(tree.List("names", OneEntry)).SequenceEqual(PosixFixture.StrangeNames.Order(StringComparer.Ordinal)));
        Check.True(Tree.Names(tree.List("hard", 24)) is ["a", "b", "c"]);
    }

    private static void NoRoom(Tree tree)
    {
        int folder = tree.Open("hard", Libc.O_DIRECTORY);
        Check.Fails(Libc.ReadDirectory(folder, new byte[8]), EINVAL);
        Check.Equal(5, Tree.ListOpen(folder).Count);
        Libc.Close(folder);
    }

    private static void Large(Tree tree)
    {
        foreach (int size in new[] { OneEntry, 1000, 4096, 1 << 20 })
            Check.True(Tree.Names(tree.List("many", size)).SequenceEqual(ManyNames), $"all names with a buffer of {size}");
    }

    private static void Agreement(Tree tree)
    {
        foreach (string folder in new[] { "special", "links", "hard", "names", "." })
        {
            foreach (DirectoryEntry entry in tree.List(folder).Where(entry => entry.Name != ".."))
            {
                StatBuffer stat = tree.Stat($"{folder}/{entry.Name}");
                Check.Equal((stat.Inode, stat.Type >> 12), (entry.Inode, entry.Type), $"{folder}/{entry.Name}");
            }
        }
    }

    private static void NotADirectory(Tree tree)
    {
        Check.Fails(Libc.Open(tree["hello.txt"], Libc.O_DIRECTORY), ENOTDIR);
        int file = tree.Open("hello.txt");
        Check.Fails(Libc.ReadDirectory(file, new byte[OneEntry]), ENOTDIR);
        Libc.Close(file);
    }

    private static void ReadDirectory(Tree tree)
    {
        int folder = tree.Open("many", Libc.O_DIRECTORY);
        Check.Fails(Libc.Read(folder, new byte[10]), EISDIR);
        Libc.Close(folder);
    }

    private static void Positions(Tree tree)
    {
        List<DirectoryEntry> entries = tree.List("many");
        int folder = tree.Open("many", Libc.O_DIRECTORY);
        // Backwards and forwards, so that no position depends on the one before.
        for (int i = entries.Count - 2; i >= 0; i -= 97)
        {
            int at = i % 2 == 0 ? i : entries.Count - 2 - i;
            Check.Succeeds(Libc.Seek(folder, entries[at].Next, Libc.SEEK_SET), "seekdir");
            Check.Equal(entries[at + 1].Name, Tree.ListSome(folder, OneEntry)[0].Name);
        }
        Check.Succeeds(Libc.Seek(folder, entries[^1].Next, Libc.SEEK_SET), "seekdir");
        Check.Equal(0, Tree.ListSome(folder, OneEntry).Count);
        Libc.Close(folder);
    }

    private static void Reopened(Tree tree)
    {
        List<DirectoryEntry> entries = tree.List("many", OneEntry);
        for (int at = 3; at < entries.Count - 1; at += 1111)
        {
            int folder = tree.Open("many", Libc.O_DIRECTORY);
            Check.Succeeds(Libc.Seek(folder, entries[at].Next, Libc.SEEK_SET), "seekdir");
            List<DirectoryEntry> rest = Tree.ListOpen(folder);
            Check.True(rest.Select(entry => entry.Name).SequenceEqual(entries.Skip(at + 1).Select(entry => entry.Name)), $"the rest from {at}");
            Libc.Close(folder);
        }
    }

    private static void Rewind(Tree tree)
    {
        int folder = tree.Open("names", Libc.O_DIRECTORY);
        List<DirectoryEntry> first = Tree.ListOpen(folder);
        Check.Succeeds(Libc.Seek(folder, 0, Libc.SEEK_SET));
        Check.True(first.SequenceEqual(Tree.ListOpen(folder)));
        Libc.Close(folder);
    }

    private static void Interleaved(Tree tree)
    {
        int one = tree.Open("many", Libc.O_DIRECTORY);
        int two = tree.Open("many", Libc.O_DIRECTORY);
        var first = new List<DirectoryEntry>();
        var second = new List<DirectoryEntry>();
        bool more = true;
        while (more)
        {
            List<DirectoryEntry> a = Tree.ListSome(one, 4096);
            List<DirectoryEntry> b = Tree.ListSome(two, 16384);
            first.AddRange(a);
            second.AddRange(b);
            more = a.Count + b.Count > 0;
        }
        Check.True(Tree.Names(first).SequenceEqual(ManyNames));
        Check.True(Tree.Names(second).SequenceEqual(ManyNames));
        Libc.Close(one);
        Libc.Close(two);
    }
}
