namespace Kaleidofs.Tests.Posix;

internal static class ConcurrencyCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("threads: eight readers of one open file, each at its own offsets", OneFile),
        ("threads: eight readers, each with opens of its own", OwnFiles),
        ("threads: listings, lookups and reads all at once", Mixed),
    ];

    private static void Together(int threads, Action<int> body)
    {
        Exception? failure = null;
        Thread[] all = [.. Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            try
            {
                body(index);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        }))];
        foreach (Thread thread in all)
            thread.Start();
        foreach (Thread thread in all)
            thread.Join();
        if (failure is not null)
            throw failure;
    }

    private static void ReadSome(int file, int seed, int rounds)
    {
        var random = new Random(seed);
        for (int i = 0; i < rounds; i++)
        {
            int count = 1 + random.Next(8192);
            long offset = random.Next(PosixFixture.ContentSize - count);
            byte[] buffer = new byte[count];
            Check.Equal((long)count, Libc.ReadAt(file, buffer, offset), "bytes read");
            Check.True(buffer.AsSpan().SequenceEqual(Pattern.Bytes(offset, count)), $"content at {offset}");
        }
    }

    private static void OneFile(Tree tree)
    {
        int file = tree.Open("content.bin");
        Together(8, index => ReadSome(file, index, 30));
        Libc.Close(file);
    }

    private static void OwnFiles(Tree tree) => Together(8, index =>
    {
        for (int i = 0; i < 10; i++)
        {
            int file = tree.Open("content.bin");
            ReadSome(file, index * 100 + i, 3);
            Libc.Close(file);
        }
    });

    private static void Mixed(Tree tree) => Together(6, index =>
    {
        for (int i = 0; i < 5; i++)
        {
            switch (index % 3)
            {
                case 0:
                    Check.Equal(PosixFixture.ManyCount + 2, tree.List("many", 8192).Count);
                    break;
                case 1:
                    for (int name = index; name < PosixFixture.ManyCount; name += 50)
                        Check.Equal(10L, tree.Stat("many/" + PosixFixture.ManyName(name)).Size);
                    break;
                default:
                    Check.Equal(PosixFixture.ContentSize, tree.Content("content.bin").Length);
                    break;
            }
        }
    });
}
