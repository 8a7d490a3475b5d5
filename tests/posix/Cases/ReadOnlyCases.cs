using static Kaleidofs.Tests.Posix.Errno;

namespace Kaleidofs.Tests.Posix;

/// <summary>Every call that would change something.</summary>
internal static class ReadOnlyCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("read-only: mkdir", tree => Check.Fails(Libc.MakeDirectory(tree["new"]), EROFS)),
        ("read-only: mkdir of a present name is EEXIST", tree => Check.Fails(Libc.MakeDirectory(tree["many"]), EEXIST)),
        ("read-only: rmdir", tree => Check.Fails(Libc.Unlink(tree["closed"], Libc.AT_REMOVEDIR), EROFS)),
        ("read-only: unlink", tree => Check.Fails(Libc.Unlink(tree["hello.txt"]), EROFS)),
        ("read-only: unlink of a missing name is ENOENT", tree => Check.Fails(Libc.Unlink(tree["missing"]), [ENOENT, EROFS])),
        ("read-only: rename", tree => Check.Fails(Libc.Rename(tree["hello.txt"], tree["new"]), EROFS)),
        ("read-only: rename over a file", tree => Check.Fails(Libc.Rename(tree["hello.txt"], tree["page.bin"]), EROFS)),
        ("read-only: rename that must not replace, and exchange", RenameFlags),
        ("read-only: rename out of the tree is EXDEV", tree => Check.Fails(Libc.Rename(tree["hello.txt"], "/tmp/hello.txt"), [EXDEV, EROFS])),
        ("read-only: link", tree => Check.Fails(Libc.Link(tree["hello.txt"], tree["new"]), EROFS)),
        ("read-only: symlink", tree => Check.Fails(Libc.SymLink("target", tree["new"]), EROFS)),
        ("read-only: mknod of a FIFO and of a file", Nodes),
        ("read-only: chmod", tree => Check.Fails(Libc.ChangeMode(tree["hello.txt"], 0x1FF), EROFS)),
        ("read-only: chown", tree => Check.Fails(Libc.ChangeOwner(tree["hello.txt"], 1, 1), EROFS)),
        ("read-only: truncate", tree => Check.Fails(Libc.Truncate(tree["hello.txt"], 0), EROFS)),
        ("read-only: utimes", tree => Check.Fails(Libc.Touch(tree["hello.txt"]), EROFS)),
        ("read-only: setxattr", tree => Check.Fails(Libc.SetXattr(tree["hello.txt"], "user.new", "x"u8), EROFS)),
        ("read-only: removexattr", tree => Check.Fails(Libc.RemoveXattr(tree["attributes/file"], "user.short"), EROFS)),
        ("read-only: fallocate", Allocate),
        ("read-only: after all that, nothing has changed", Unchanged),
    ];

    private static void RenameFlags(Tree tree)
    {
        Check.Fails(Libc.Rename(tree["hello.txt"], tree["new"], Libc.RENAME_NOREPLACE), EROFS);
        Check.Fails(Libc.Rename(tree["hello.txt"], tree["page.bin"], Libc.RENAME_NOREPLACE), [EEXIST, EROFS]);
        Check.Fails(Libc.Rename(tree["hello.txt"], tree["page.bin"], Libc.RENAME_EXCHANGE), EROFS);
    }

    private static void Nodes(Tree tree)
    {
        Check.Fails(Libc.MakeNode(tree["new"], 0x11A4, 0), EROFS);
        Check.Fails(Libc.MakeNode(tree["new"], 0x81A4, 0), EROFS);
    }

    private static void Allocate(Tree tree)
    {
        int file = Libc.Open(tree["hello.txt"], Libc.O_RDWR);
        Check.Fails(file < 0 ? file : Libc.Allocate(file, 0, 100), [EROFS, EOPNOTSUPP]);
        if (file >= 0)
            Libc.Close(file);
    }

    private static void Unchanged(Tree tree)
    {
        Check.Fails(Libc.Stat(tree["new"], out _), ENOENT);
        StatBuffer stat = tree.Stat("hello.txt");
        Check.Equal((14L, 0x1A4u, 1000u), (stat.Size, stat.Permissions, stat.User));
        Check.Equal(PosixFixture.TimeNanoseconds, stat.ModificationNanoseconds);
    }
}
