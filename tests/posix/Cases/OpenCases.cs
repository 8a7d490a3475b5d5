using static Kaleidofs.Tests.Posix.Errno;

namespace Kaleidofs.Tests.Posix;

internal static class OpenCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("open: for writing is EROFS, at the open or at the write", Writing),
        ("open: O_CREAT of a missing name is EROFS", tree => Check.Fails(Libc.Open(tree["new"], Libc.O_CREAT | Libc.O_WRONLY, 0x1A4), EROFS)),
        ("open: O_CREAT|O_EXCL of a present name is EEXIST", tree =>
            Check.Fails(Libc.Open(tree["hello.txt"], Libc.O_CREAT | Libc.O_EXCL | Libc.O_WRONLY, 0x1A4), EEXIST)),
        ("open: O_CREAT of a present name for reading opens it", CreatePresent),
        ("open: O_TRUNC is EROFS and truncates nothing", Truncating),
        ("open: O_TMPFILE is refused", tree => Check.Fails(Libc.Open(tree["many"], Libc.O_TMPFILE | Libc.O_WRONLY, 0x1A4), [EROFS, EOPNOTSUPP])),
        ("open: a directory for writing is EISDIR", tree => Check.Fails(Libc.Open(tree["many"], Libc.O_WRONLY), [EISDIR, EROFS])),
        ("open: O_PATH takes no permission to read and cannot read", PathOnly),
        ("open: a closed file is EBADF", Closed),
        ("open: a thousand files at once, each with its own position", Thousand),
    ];

    private static void Writing(Tree tree)
    {
        foreach (int flags in new[] { Libc.O_WRONLY, Libc.O_RDWR, Libc.O_WRONLY | Libc.O_APPEND })
        {
            int file = Libc.Open(tree["hello.txt"], flags);
            Check.Fails(file < 0 ? file : Libc.WriteAt(file, "changed"u8, 0), EROFS);
            if (file >= 0)
                Libc.Close(file);
        }
        Check.Equal(PosixFixture.Hello, System.Text.Encoding.Latin1.GetString(tree.Content("hello.txt")));
    }

    private static void CreatePresent(Tree tree)
    {
        int file = tree.Open("hello.txt", Libc.O_CREAT | Libc.O_RDONLY);
        Check.Equal(14L, Libc.ReadAt(file, new byte[100], 0));
        Libc.Close(file);
    }

    private static void Truncating(Tree tree)
    {
        Check.Fails(Libc.Open(tree["hello.txt"], Libc.O_WRONLY | Libc.O_TRUNC), EROFS);
        Check.Equal(14, tree.Content("hello.txt").Length);
    }

    private static void PathOnly(Tree tree)
    {
        int file = tree.Open("hello.txt", Libc.O_PATH);
        Check.Succeeds(Libc.StatFile(file, out StatBuffer stat));
        Check.Equal(14L, stat.Size);
        Check.Fails(Libc.Read(file, new byte[1]), EBADF);
        Libc.Close(file);
    }

    private static void Closed(Tree tree)
    {
        int file = tree.Open("hello.txt");
        Check.Succeeds(Libc.Close(file));
        Check.Fails(Libc.Read(file, new byte[1]), EBADF);
    }

    private static void Thousand(Tree tree)
    {
        // A quarter of the usual limit of open files.
        int[] files = [.. Enumerable.Range(0, 250).SelectMany(index => Enumerable.Repeat(index, 4)).Take(900).Select(index => tree.Open("many/" + PosixFixture.ManyName(index)))];
        byte[] buffer = new byte[3];
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < files.Length; i++)
            {
                Check.Equal(3L, Libc.Read(files[i], buffer));
                Check.Equal(PosixFixture.ManyName(i / 4).Substring(round * 3, 3), System.Text.Encoding.Latin1.GetString(buffer));
            }
        }
        foreach (int file in files)
            Libc.Close(file);
    }
}
