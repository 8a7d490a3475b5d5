using static Kaleidofs.Tests.Posix.Errno;

namespace Kaleidofs.Tests.Posix;

internal static class SeekCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("lseek: set, current and end", Positions),
        ("lseek: before the beginning is EINVAL", tree => Open(tree, "hello.txt", file => Check.Fails(Libc.Seek(file, -1, Libc.SEEK_SET), EINVAL))),
        ("lseek: beyond the end is allowed, and reads nothing", Beyond),
        ("lseek: the data and holes of a sparse file", Sparse),
        ("lseek: a walk by data and holes finds every extent", Walk),
        ("lseek: a dense file is data with a hole at its end", Dense),
        ("lseek: data or holes at or after the end are ENXIO", PastEnd),
        ("lseek: an empty file has neither data nor a hole before its end", tree => Open(tree, "empty", file => Check.Fails(Libc.Seek(file, 0, Libc.SEEK_DATA), ENXIO))),
    ];

    private static void Open(Tree tree, string path, Action<int> body)
    {
        int file = tree.Open(path);
        body(file);
        Libc.Close(file);
    }

    private static void Positions(Tree tree) => Open(tree, "content.bin", file =>
    {
        Check.Equal(100L, Libc.Seek(file, 100, Libc.SEEK_SET));
        Check.Equal(90L, Libc.Seek(file, -10, Libc.SEEK_CUR));
        Check.Equal(PosixFixture.ContentSize - 1L, Libc.Seek(file, -1, Libc.SEEK_END));
    });

    private static void Beyond(Tree tree) => Open(tree, "hello.txt", file =>
    {
        Check.Equal(1L << 32, Libc.Seek(file, 1L << 32, Libc.SEEK_SET));
        Check.Equal(0L, Libc.Read(file, new byte[10]));
    });

    private static void Sparse(Tree tree) => Open(tree, "sparse.bin", file =>
    {
        (long second, long length) = PosixFixture.SparseExtents[1];
        Check.Equal(0L, Libc.Seek(file, 0, Libc.SEEK_DATA));
        Check.Equal(4096L, Libc.Seek(file, 0, Libc.SEEK_HOLE));
        Check.Equal(second, Libc.Seek(file, 4096, Libc.SEEK_DATA));
        Check.Equal(5000L, Libc.Seek(file, 5000, Libc.SEEK_HOLE));
        Check.Equal(second + 1, Libc.Seek(file, second + 1, Libc.SEEK_DATA));
        Check.Equal(second + length, Libc.Seek(file, second + 1, Libc.SEEK_HOLE));
        Check.Equal(PosixFixture.SparseSize, Libc.Seek(file, PosixFixture.SparseExtents[2].Offset, Libc.SEEK_HOLE));
    });

    private static void Walk(Tree tree) => Open(tree, "sparse.bin", file =>
    {
        var found = new List<(long, long)>();
        long at = 0;
        while (at < PosixFixture.SparseSize)
        {
            long data = Check.Succeeds(Libc.Seek(file, at, Libc.SEEK_DATA), "SEEK_DATA");
            at = Check.Succeeds(Libc.Seek(file, data, Libc.SEEK_HOLE), "SEEK_HOLE");
            found.Add((data, at - data));
        }
        Check.True(found.SequenceEqual(PosixFixture.SparseExtents), $"extents {string.Join(' ', found)}");
    });

    private static void Dense(Tree tree) => Open(tree, "content.bin", file =>
    {
        Check.Equal(5L, Libc.Seek(file, 5, Libc.SEEK_DATA));
        Check.Equal((long)PosixFixture.ContentSize, Libc.Seek(file, 5, Libc.SEEK_HOLE));
    });

    private static void PastEnd(Tree tree)
    {
        foreach (string path in new[] { "content.bin", "sparse.bin" })
        {
            Open(tree, path, file =>
            {
                long size = tree.Stat(path).Size;
                Check.Fails(Libc.Seek(file, size, Libc.SEEK_DATA), ENXIO);
                Check.Fails(Libc.Seek(file, size, Libc.SEEK_HOLE), ENXIO);
                Check.Fails(Libc.Seek(file, size + 10, Libc.SEEK_DATA), ENXIO);
            });
        }
    }
}
