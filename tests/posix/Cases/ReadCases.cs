using System.Runtime.InteropServices;
using static Kaleidofs.Tests.Posix.Errno;

namespace Kaleidofs.Tests.Posix;

internal static class ReadCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("read: the whole content", tree => Check.True(tree.Content("content.bin").AsSpan().SequenceEqual(Pattern.Bytes(0, PosixFixture.ContentSize)))),
        ("read: an empty file is at its end", tree => Check.Equal(0, tree.Content("empty").Length)),
        ("pread: at random offsets, any length", Random),
        ("pread: backwards, a byte at a time over a page's edge", Backwards),
        ("pread: past the end is 0 bytes, over the end is what there is", End),
        ("pread: at a negative offset is EINVAL", NegativeOffset),
        ("pread: beyond 4 GiB", Beyond),
        ("pread: a hole is zeros, up to its edges", Hole),
        ("preadv: into several buffers", Vector),
        ("read: with O_DIRECT", Direct),
        ("read: moves the position by what it read", Position),
        ("mmap: the whole content, private and shared", Mapped),
        ("mmap: zeros after the end, in the last page", MappedEnd),
        ("mmap: beyond 4 GiB", MappedBeyond),
        ("mmap: shared for writing is EACCES", MappedWritable),
        ("sendfile: from a file of the mount", Sent),
        ("fadvise and fsync succeed", Advice),
        ("ioctl: an unknown request is ENOTTY", UnknownIoctl),
        ("flock: shared and exclusive", Locks),
        ("poll: a file is always ready", Ready),
    ];

    private static void With(Tree tree, string path, Action<int> body, int flags = Libc.O_RDONLY)
    {
        int file = tree.Open(path, flags);
        try
        {
            body(file);
        }
        finally
        {
            Libc.Close(file);
        }
    }

    private static void Expect(int file, long offset, int count)
    {
        byte[] buffer = new byte[count];
        Check.Equal((long)count, Libc.ReadAt(file, buffer, offset), $"bytes read at {offset}");
        Check.True(buffer.AsSpan().SequenceEqual(Pattern.Bytes(offset, count)), $"content at {offset}, {count} bytes");
    }

    private static void Random(Tree tree) => With(tree, "content.bin", file =>
    {
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            int count = 1 + random.Next(1 << random.Next(1, 17));
            Expect(file, random.Next(PosixFixture.ContentSize - count), count);
        }
    });

    private static void Backwards(Tree tree) => With(tree, "content.bin", file =>
    {
        for (int offset = 4096 * 33 + 8; offset > 4096 * 33 - 8; offset--)
            Expect(file, offset, 1);
    });

    private static void End(Tree tree) => With(tree, "content.bin", file =>
    {
        byte[] buffer = new byte[100];
        Check.Equal(0L, Libc.ReadAt(file, buffer, PosixFixture.ContentSize));
        Check.Equal(0L, Libc.ReadAt(file, buffer, 1L << 40));
        Check.Equal(7L, Libc.ReadAt(file, buffer, PosixFixture.ContentSize - 7));
        Check.True(buffer.AsSpan(0, 7).SequenceEqual(Pattern.Bytes(PosixFixture.ContentSize - 7, 7)));
        Check.Equal(0L, Libc.ReadAt(file, [], 0));
    });

    private static void NegativeOffset(Tree tree) => With(tree, "hello.txt", file => Check.Fails(Libc.ReadAt(file, new byte[1], -1), EINVAL));

    private static void Beyond(Tree tree) => With(tree, "sparse.bin", file =>
    {
        (long offset, long length) = PosixFixture.SparseExtents[1];
        Expect(file, offset, (int)length);
        Expect(file, offset + 12345, 678);
        Expect(file, PosixFixture.SparseSize - 100, 100);
    });

    private static void Hole(Tree tree) => With(tree, "sparse.bin", file =>
    {
        byte[] buffer = new byte[8192];
        Check.Equal(8192L, Libc.ReadAt(file, buffer, 4096));
        Check.True(!buffer.AsSpan().ContainsAnyExcept((byte)0), "zeros in the hole");
        long edge = PosixFixture.SparseExtents[1].Offset;
        Check.Equal(8192L, Libc.ReadAt(file, buffer, edge - 4096));
        Check.True(!buffer.AsSpan(0, 4096).ContainsAnyExcept((byte)0), "zeros up to the edge");
        Check.True(buffer.AsSpan(4096).SequenceEqual(Pattern.Bytes(edge, 4096)), "data from the edge on");
        Check.Equal(8192L, Libc.ReadAt(file, buffer, 1L << 31));
        Check.True(!buffer.AsSpan().ContainsAnyExcept((byte)0), "zeros at 2 GiB");
    });

    private static void Vector(Tree tree) => With(tree, "content.bin", file =>
    {
        byte[] buffer = new byte[10_000];
        Check.Equal(10_000L, Libc.ReadVector(file, buffer, 777, 1, 4095, 4096, 1808));
        Check.True(buffer.AsSpan().SequenceEqual(Pattern.Bytes(777, 10_000)));
    });

    private static unsafe void Direct(Tree tree) => With(tree, "content.bin", file =>
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc(65536, 4096);
        try
        {
            foreach (long offset in new[] { 0L, 4096 * 50, PosixFixture.ContentSize / 4096 * 4096 })
            {
                long expected = Math.Min(65536, PosixFixture.ContentSize - offset);
                Check.Equal(expected, Libc.ReadAt(file, new Span<byte>(memory, 65536), offset));
                Check.True(new Span<byte>(memory, (int)expected).SequenceEqual(Pattern.Bytes(offset, (int)expected)), $"content at {offset}");
            }
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }, Libc.O_DIRECT);

    private static void Position(Tree tree) => With(tree, "content.bin", file =>
    {
        byte[] buffer = new byte[1000];
        Check.Equal(1000L, Libc.Read(file, buffer));
        Check.Equal(1000L, Libc.Seek(file, 0, Libc.SEEK_CUR));
        Check.Equal(1000L, Libc.Read(file, buffer));
        Check.True(buffer.AsSpan().SequenceEqual(Pattern.Bytes(1000, 1000)));
        Check.Equal(0L, Libc.ReadAt(file, buffer, PosixFixture.ContentSize));
        Check.Equal(2000L, Libc.Seek(file, 0, Libc.SEEK_CUR));
    });

    private static unsafe void Mapping(int file, long offset, int length, int flags, Action<byte[]> body)
    {
        long address = Check.Succeeds(Libc.Map(length, Libc.PROT_READ, flags, file, offset), "mmap");
        byte[] copy = new Span<byte>((void*)address, length).ToArray();
        Libc.Unmap(address, length);
        body(copy);
    }

    private static void Mapped(Tree tree) => With(tree, "content.bin", file =>
    {
        byte[] expected = Pattern.Bytes(0, PosixFixture.ContentSize);
        foreach (int flags in new[] { Libc.MAP_PRIVATE, Libc.MAP_SHARED })
            Mapping(file, 0, PosixFixture.ContentSize, flags, copy => Check.True(copy.AsSpan().SequenceEqual(expected), "mapped content"));
    });

    private static void MappedEnd(Tree tree) => With(tree, "hello.txt", file =>
        Mapping(file, 0, 4096, Libc.MAP_PRIVATE, copy => Check.True(!copy.AsSpan(14).ContainsAnyExcept((byte)0), "zeros after the end")));

    private static void MappedBeyond(Tree tree) => With(tree, "sparse.bin", file =>
        Mapping(file, PosixFixture.SparseExtents[1].Offset, 65536, Libc.MAP_SHARED, copy =>
            Check.True(copy.AsSpan().SequenceEqual(Pattern.Bytes(PosixFixture.SparseExtents[1].Offset, 65536)), "mapped content")));

    private static void MappedWritable(Tree tree) => With(tree, "page.bin", file =>
        Check.Fails(Libc.Map(4096, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, file, 0), EACCES));

    private static void Sent(Tree tree) => With(tree, "content.bin", file =>
    {
        int memory = Libc.MakeMemoryFile();
        Check.Equal(100_000L, Libc.SendFile(memory, file, 4321, 100_000));
        byte[] buffer = new byte[100_000];
        Check.Equal(100_000L, Libc.ReadAt(memory, buffer, 0));
        Check.True(buffer.AsSpan().SequenceEqual(Pattern.Bytes(4321, 100_000)));
        Libc.Close(memory);
    });

    private static void Advice(Tree tree) => With(tree, "content.bin", file =>
    {
        for (int advice = 0; advice <= 5; advice++)
            Check.Equal(0L, Libc.Advise(file, 0, 0, advice));
        Check.Equal(0L, Libc.Sync(file));
    });

    private static void UnknownIoctl(Tree tree) => With(tree, "hello.txt", file => Check.Fails(Libc.Ioctl(file, 0x12345678), ENOTTY));

    private static void Locks(Tree tree) => With(tree, "hello.txt", one => With(tree, "hello.txt", two =>
    {
        const int shared = 1, exclusive = 2, nonBlocking = 4, unlock = 8;
        Check.Equal(0L, Libc.Lock(one, shared | nonBlocking));
        Check.Equal(0L, Libc.Lock(two, shared | nonBlocking));
        Check.Fails(Libc.Lock(two, exclusive | nonBlocking), 11);
        Check.Equal(0L, Libc.Lock(one, unlock));
        Check.Equal(0L, Libc.Lock(two, exclusive | nonBlocking));
    }));

    private static void Ready(Tree tree) => With(tree, "hello.txt", file => Check.Equal(1L, Libc.Poll(file) & 1));
}
