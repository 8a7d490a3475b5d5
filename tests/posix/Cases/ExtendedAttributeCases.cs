using System.Text;
using static Kaleidofs.Tests.Posix.Errno;

namespace Kaleidofs.Tests.Posix;

internal static class ExtendedAttributeCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("getxattr: every value, byte for byte, of a file and of a directory", Values),
        ("getxattr: a value of 4,000 bytes", Long),
        ("getxattr: no buffer asks for the size", Sizes),
        ("getxattr: a buffer that is too small is ERANGE", tree => Check.Fails(Libc.GetXattr(tree["attributes/file"], "user.short", new byte[4]), ERANGE)),
        ("getxattr: a name that is not there is ENODATA", Absent),
        ("getxattr: a name without a known prefix is EOPNOTSUPP or ENODATA", tree =>
            Check.Fails(Libc.GetXattr(tree["attributes/file"], "short", new byte[10]), [EOPNOTSUPP, ENODATA])),
        ("listxattr: every name once", Names),
        ("listxattr: no buffer asks for the size, a small one is ERANGE", ListSizes),
        ("listxattr: a file without any has an empty list", tree => Check.Equal(0L, Libc.ListXattr(tree["hello.txt"], new byte[100]))),
    ];

    private static void Values(Tree tree)
    {
        foreach (string path in new[] { "attributes/file", "attributes" })
        {
            foreach ((string name, byte[] value) in PosixFixture.Xattrs)
            {
                byte[] buffer = new byte[5000];
                long length = Check.Succeeds(Libc.GetXattr(tree[path], name, buffer), $"getxattr {path} {name}");
                Check.True(buffer.AsSpan(0, (int)length).SequenceEqual(value), $"value of {name} of {path}");
            }
        }
    }

    private static void Long(Tree tree)
    {
        byte[] buffer = new byte[5000];
        int length = (int)Check.Succeeds(Libc.GetXattr(tree["attributes/long"], PosixFixture.LongXattr.Name, buffer));
        Check.True(buffer.AsSpan(0, length).SequenceEqual(PosixFixture.LongXattr.Value));
    }

    private static void Sizes(Tree tree)
    {
        foreach ((string name, byte[] value) in PosixFixture.Xattrs)
            Check.Equal((long)value.Length, Libc.GetXattr(tree["attributes/file"], name, []), name);
    }

    private static void Absent(Tree tree)
    {
        Check.Fails(Libc.GetXattr(tree["attributes/file"], "user.absent", new byte[10]), ENODATA);
        Check.Fails(Libc.GetXattr(tree["hello.txt"], "user.short", new byte[10]), ENODATA);
    }

    private static void Names(Tree tree)
    {
        byte[] buffer = new byte[1000];
        int length = (int)Check.Succeeds(Libc.ListXattr(tree["attributes/file"], buffer));
        string[] names = Encoding.Latin1.GetString(buffer, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        string[] expected = [.. PosixFixture.Xattrs.Select(xattr => xattr.Name).Order(StringComparer.Ordinal)];
        Check.Equal(string.Join(' ', expected), string.Join(' ', names.Order(StringComparer.Ordinal)));
    }

    private static void ListSizes(Tree tree)
    {
        long size = Check.Succeeds(Libc.ListXattr(tree["attributes/file"], []));
        Check.Equal((long)PosixFixture.Xattrs.Sum(xattr => xattr.Name.Length + 1), size);
        Check.Fails(Libc.ListXattr(tree["attributes/file"], new byte[size - 1]), ERANGE);
    }
}
