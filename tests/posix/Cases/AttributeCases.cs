namespace Kaleidofs.Tests.Posix;

internal static class AttributeCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("stat: type, mode, owner, size and times are the source's", File),
        ("stat: every permission bit arrives, set-id and sticky too", Modes),
        ("stat: owners above 2^31", tree => Check.Equal((PosixFixture.HugeUser, 65534u), (tree.Stat("huge-user").User, tree.Stat("huge-user").Group))),
        ("stat: an empty file", tree => Check.Equal((0L, 0L), (tree.Stat("empty").Size, tree.Stat("empty").Blocks))),
        ("stat: a size above 4 GiB", tree => Check.Equal(PosixFixture.SparseSize, tree.Stat("sparse.bin").Size)),
        ("stat: a sparse file takes fewer blocks than its size", tree => Check.True(tree.Stat("sparse.bin").Blocks * 512 < PosixFixture.SparseSize)),
        ("stat: a dense file's blocks cover it", tree => Check.True(tree.Stat("content.bin").Blocks * 512 >= PosixFixture.ContentSize)),
        ("stat: times to the nanosecond, before 1970 and after 2038", Times),
        ("stat: directories", Directories),
        ("stat: a directory's link count is 1, or 2 and its subdirectories", DirectoryLinks),
        ("stat: a FIFO and a device are what they are", Special),
        ("stat: the same by path, by open file and again", Same),
        ("stat: one device for the whole tree", tree => Check.Equal(tree.Stat(".").Device, tree.Stat("many/" + PosixFixture.ManyName(7)).Device)),
        ("stat: every file has its own inode number", Inodes),
        ("statx: agrees with stat, cached or forced", Statx),
        ("statfs: a FUSE filesystem with names of 255 bytes", StatFs),
        ("stat: reading changes nothing", Unchanged),
    ];

    private static void File(Tree tree)
    {
        StatBuffer stat = tree.Stat("hello.txt");
        Check.Equal(StatBuffer.Regular, stat.Type);
        Check.Equal(0x1A4u, stat.Permissions);
        Check.Equal((1000u, 1001u), (stat.User, stat.Group));
        Check.Equal((long)PosixFixture.Hello.Length, stat.Size);
        Check.Equal(1ul, stat.LinkCount);
        Check.Equal(PosixFixture.TimeSeconds, stat.ModificationSeconds);
        Check.Equal(PosixFixture.TimeNanoseconds, stat.ModificationNanoseconds);
        Check.True(stat.BlockSize >= 512);
    }

    private static void Modes(Tree tree)
    {
        foreach (int mode in PosixFixture.Modes)
        {
            string name = Convert.ToString(mode, 8).PadLeft(4, '0');
            Check.Equal((uint)mode, tree.Stat("modes/" + name).Permissions, name);
        }
        Check.Equal(0x1C9u, tree.Stat("modes").Permissions);
    }

    private static void Times(Tree tree)
    {
        foreach ((string name, _, long seconds, long nanoseconds) in PosixFixture.Times)
        {
            StatBuffer stat = tree.Stat("times/" + name);
            Check.Equal((seconds, nanoseconds), (stat.ModificationSeconds, stat.ModificationNanoseconds), name);
        }
    }

    private static void Directories(Tree tree)
    {
        foreach (string path in new[] { ".", "many", "implied/only", "links/../closed" })
            Check.Equal(StatBuffer.Directory, tree.Stat(path).Type, path);
        Check.Equal(0x1C0u, tree.Stat("closed").Permissions);
        Check.Equal(PosixFixture.TimeSeconds, tree.Stat("many").ModificationSeconds);
    }

    private static void DirectoryLinks(Tree tree)
    {
        foreach (string path in new[] { "many", "implied", "." })
        {
            ulong subdirectories = (ulong)tree.List(path).Count(entry => entry.Type == 4 && entry.Name is not ("." or ".."));
            ulong links = tree.Stat(path).LinkCount;
            Check.True(links == 1 || links == 2 + subdirectories, $"link count {links} of {path}, which has {subdirectories} subdirectories");
        }
    }

    private static void Special(Tree tree)
    {
        Check.Equal(StatBuffer.Fifo, tree.Stat("special/fifo").Type);
        StatBuffer device = tree.Stat("special/null");
        Check.Equal(StatBuffer.CharacterDevice, device.Type);
        Check.Equal(0x103ul, device.DeviceId);
    }

    private static void Same(Tree tree)
    {
        foreach (string path in new[] { "hello.txt", "many", "sparse.bin", "hard/b" })
        {
            StatBuffer first = tree.Stat(path);
            int file = tree.Open(path);
            Check.Succeeds(Libc.StatFile(file, out StatBuffer open));
            Libc.Close(file);
            Check.Equal(first, open, path);
            Check.Equal(first, tree.Stat(path), path);
        }
    }

    private static void Inodes(Tree tree)
    {
        var seen = new HashSet<ulong> { tree.Stat(".").Inode };
        foreach (string folder in new[] { "many", "names", "modes", "times" })
        {
            foreach (DirectoryEntry entry in tree.List(folder).Where(entry => entry.Name is not ("." or "..")))
            {
                ulong inode = tree.Stat($"{folder}/{entry.Name}").Inode;
                Check.True(inode != 0 && seen.Add(inode), $"{folder}/{entry.Name} has a number of its own");
            }
        }
    }

    private static void Statx(Tree tree)
    {
        foreach (int flags in new[] { 0, Libc.AT_STATX_FORCE_SYNC, Libc.AT_STATX_DONT_SYNC })
        {
            foreach (string path in new[] { "hello.txt", "many", "links/relative", "sparse.bin", "times/before" })
            {
                StatBuffer stat = tree.Stat(path);
                Check.Succeeds(Libc.Statx(tree[path], flags | Libc.AT_SYMLINK_NOFOLLOW, StatxBuffer.BasicStats, out StatxBuffer statx));
                Check.Equal(StatxBuffer.BasicStats, statx.Mask & StatxBuffer.BasicStats);
                Check.Equal(
                    (stat.Inode, stat.Mode, stat.User, stat.Group, (ulong)stat.Size, (ulong)stat.Blocks, stat.ModificationSeconds, stat.ModificationNanoseconds),
                    (statx.Inode, statx.Mode, statx.User, statx.Group, statx.Size, statx.Blocks, statx.ModificationSeconds, statx.ModificationNanoseconds),
                    path);
            }
        }
    }

    private static void StatFs(Tree tree)
    {
        Check.Succeeds(Libc.StatFs(tree["many"], out StatFsBuffer statistics));
        Check.Equal(StatFsBuffer.FuseMagic, statistics.Type);
        Check.Equal(255L, statistics.NameLength);
        Check.True(statistics.BlockSize >= 512);
        Check.True(statistics.FreeBlocks <= statistics.Blocks && statistics.AvailableBlocks <= statistics.FreeBlocks);
        Check.True(statistics.FreeFiles <= statistics.Files);
    }

    private static void Unchanged(Tree tree)
    {
        StatBuffer before = tree.Stat("page.bin");
        tree.Content("page.bin");
        Check.Equal(before, tree.Stat("page.bin"));
    }
}
