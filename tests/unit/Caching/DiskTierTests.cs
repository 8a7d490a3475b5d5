using Kaleidofs.Caching;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Caching;

public sealed class DiskTierTests : IDisposable
{
    private const int BlockLength = 128 << 10;

    // One for all: each has threads of its own.
    private static readonly DiskReader Disk = new();

    private readonly TemporaryFolder _folder = new();

    private string Directory => _folder.At("blocks");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_there_after_a_restart_and_under_its_identity_only()
    {
        Fill("one", 20);
        using DiskTier tier = Open();
        DiskSource source = tier.Open("one")!;
        for (int i = 0; i < 20; i++)
        {
            byte[] read = new byte[BlockLength];
            Assert.True(source.TryRead(7, (ulong)i, read));
            Assert.Equal(Content(i), read);
        }
        Assert.False(source.TryRead(7, 20, new byte[BlockLength]));
        Assert.False(source.TryRead(8, 0, new byte[BlockLength]));
        Assert.False(tier.Open("another")!.TryRead(7, 0, new byte[BlockLength]));
        Assert.Equal("600\n", Shell.Run("stat -c %a \"$1\"", DataFiles()[0]).Text);
    }

    [Fact]
    public void A_file_with_another_identity_in_it_is_not_believed()
    {
        Fill("one", 4);
        byte[] content = File.ReadAllBytes(Assert.Single(DataFiles()));
        Fill("two", 1);
        string two = DataFiles().Single(file => new FileInfo(file).Length != content.Length);
        File.WriteAllBytes(two, content);
        using DiskTier tier = Open();
        Assert.False(tier.Open("two")!.TryRead(7, 0, new byte[BlockLength]));
    }

    [Fact]
    public void A_last_block_may_be_asked_for_shorter_than_it_was_written()
    {
        Fill("one", 1);
        using DiskTier tier = Open();
        byte[] read = new byte[1000];
        Assert.True(tier.Open("one")!.TryRead(7, 0, read));
        Assert.Equal(Content(0)[..1000], read);
        Assert.False(tier.Open("one")!.TryRead(7, 0, new byte[BlockLength + 1]));
    }

    [Fact]
    public void Damage_at_any_byte_is_a_miss_and_never_wrong_bytes()
    {
        using (DiskTier tier = Open())
        {
            for (ulong i = 0; i < 3; i++)
            {
                tier.Open("one")!.Append(7, i, Small(i));
            }
        }
        string file = Assert.Single(DataFiles());
        byte[] good = File.ReadAllBytes(file);
        for (int position = 0; position < good.Length; position++)
        {
            byte[] bad = [.. good];
            bad[position] ^= (byte)(1 << (position % 8));
            CheckNothingIsWrong(file, bad, mayMiss: true);
            // Cut off there, as by a crash in the middle of an append.
            CheckNothingIsWrong(file, good[..position], mayMiss: true);
        }
        CheckNothingIsWrong(file, good, mayMiss: false);
    }

    [Fact]
    public void What_was_damaged_is_written_anew()
    {
        Fill("one", 3);
        string file = Assert.Single(DataFiles());
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        using DiskTier tier = Open();
        DiskSource source = tier.Open("one")!;
        Assert.False(source.TryRead(7, 2, new byte[BlockLength]));
        Assert.Equal(1, tier.ReadTotals().Damaged);
        source.Append(7, 2, Content(2));
        byte[] read = new byte[BlockLength];
        Assert.True(source.TryRead(7, 2, read));
        Assert.Equal(Content(2), read);
    }

    [Fact]
    public void One_writes_the_others_read_what_it_has_written_and_one_of_them_follows_it()
    {
        using DiskTier first = Open();
        using DiskTier second = Open();
        DiskSource writer = first.Open("one")!;
        DiskSource reader = second.Open("one")!;
        byte[] read = new byte[BlockLength];
        reader.Append(7, 0, Content(0));
        Assert.Equal(0, second.ReadTotals().Written);
        for (int i = 0; i < 5; i++)
        {
            writer.Append(7, (ulong)i, Content(i));
            Assert.True(reader.TryRead(7, (ulong)i, read));
            Assert.Equal(Content(i), read);
        }
        first.Dispose();
        Assert.True(SpinWait.SpinUntil(() =>
        {
            reader.Append(7, 5, Content(5));
            return second.ReadTotals().Written == 1;
        }, TimeSpan.FromSeconds(10)));
        Assert.True(reader.TryRead(7, 5, read) && reader.TryRead(7, 0, read));
    }

    [Fact]
    public void The_bound_holds_the_oldest_source_goes_first_and_none_that_is_in_use()
    {
        const long Bound = 3 << 20;
        using DiskTier user = Open(Bound);
        DiskSource inUse = user.Open("in use")!;
        inUse.Append(7, 0, Content(0));
        string used = Assert.Single(DataFiles());
        File.SetLastWriteTimeUtc(used, DateTime.UtcNow.AddDays(-9));
        for (int i = 0; i < 8; i++)
        {
            Fill($"source {i}", 6, Bound);
            foreach (string file in DataFiles())
            {
                File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddDays(-1));
            }
            Assert.InRange(DataFiles().Sum(file => new FileInfo(file).Length), 1, Bound);
        }
        byte[] read = new byte[BlockLength];
        Assert.True(File.Exists(used) && inUse.TryRead(7, 0, read));
        using DiskTier tier = Open(Bound);
        Assert.True(tier.Open("source 7")!.TryRead(7, 5, read));
        Assert.False(tier.Open("source 0")!.TryRead(7, 5, read));
    }

    [SkippableFact]
    public void A_disk_that_is_full_costs_nothing_but_what_it_does_not_hold()
    {
        System.IO.Directory.CreateDirectory(Directory);
        Skip.If(Shell.Run("mount -t tmpfs -o size=4m,mode=700 none \"$1\"", Directory).Status != 0, "needs root, to mount a small disk");
        try
        {
            RecordingLog log = new();
            using (DiskTier tier = new(Directory, DiskTier.DefaultBound, Disk, log))
            {
                DiskSource source = tier.Open("one")!;
                tier.Write(source, new BlockKey(1, 7, 0), Content(0));
                tier.Flush();
                Shell.Run("dd if=/dev/zero of=\"$1/other\" bs=64k 2>/dev/null || true", Directory).Succeeded();
                for (int i = 1; i < 20; i++)
                {
                    tier.Write(source, new BlockKey(1, 7, (ulong)i), Content(i));
                    tier.Flush();
                }
                byte[] read = new byte[BlockLength];
                Assert.True(source.TryRead(7, 0, read));
                Assert.Equal(Content(0), read);
                Assert.False(source.TryRead(7, 19, read));
                Assert.Single(log.Lines);
            }
        }
        finally
        {
            Shell.Run("umount \"$1\"", Directory).Succeeded();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64 << 20)]
    public async Task What_a_loader_has_filled_is_on_disk_soon_without_a_copy_and_read_from_there_whether_somebody_waits_or_not(long budget)
    {
        const int Blocks = 300;
        using (ContentCache cache = new(budget, Open()))
        {
            KeepingLoader loader = new(cache, isAhead: false);
            Assert.True(cache.KeepOnDisk(1, "one"));
            for (ulong i = 0; i < Blocks; i++)
            {
                (await cache.GetAsync(new BlockKey(1, i % 2, i), Random(i).Length, loader)).Value.Dispose();
            }
            await cache.KeepAsync(new BlockKey(1, 0, Blocks));
            Assert.Equal(Blocks, loader.Loaded);
        }
        // Half of them are text: packed, those are shorter.
        Assert.InRange(new FileInfo(Assert.Single(DataFiles())).Length, Blocks / 2 * Random(1).Length, Blocks * Random(1).Length * 3 / 4);
        using ContentCache again = new(64 << 20, Open());
        Assert.True(again.KeepOnDisk(1, "one"));
        KeepingLoader none = new(again, isAhead: false);
        KeepingLoader ahead = new(again, isAhead: true);
        ValueTask<Result<BlockLease>>[] asked = [.. Enumerable.Range(0, Blocks).Select(i => again.GetAsync(new BlockKey(1, (ulong)i % 2, (ulong)i), Random((ulong)i).Length, i % 3 == 0 ? none : ahead))];
        for (ulong i = 0; i < Blocks; i++)
        {
            using BlockLease lease = (await asked[i]).Value;
            Assert.Equal(Random(i), lease.Span.ToArray());
        }
        Assert.Equal((0, 0, Blocks), (none.Loaded, ahead.Loaded, again.ReadDiskTotals().Hits));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_block_that_is_damaged_on_disk_is_loaded_anew_and_another_is_not(bool isAhead)
    {
        using (ContentCache cache = new(64 << 20, Open()))
        {
            cache.KeepOnDisk(1, "one");
            for (ulong i = 1; i < 6; i += 2)
            {
                (await cache.GetAsync(new BlockKey(1, 7, i), Random(i).Length, new KeepingLoader(cache, false))).Value.Dispose();
            }
        }
        string file = Assert.Single(DataFiles());
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        using ContentCache again = new(64 << 20, Open());
        again.KeepOnDisk(1, "one");
        KeepingLoader loader = new(again, isAhead);
        for (ulong i = 1; i < 6; i += 2)
        {
            using BlockLease lease = (await again.GetAsync(new BlockKey(1, 7, i), Random(i).Length, loader)).Value;
            Assert.Equal(Random(i), lease.Span.ToArray());
        }
        Assert.Equal((1, 2, 1), (loader.Loaded, again.ReadDiskTotals().Hits, again.ReadDiskTotals().Damaged));
    }

    [Fact]
    public async Task A_block_on_disk_goes_straight_to_its_reader_only_if_it_is_whole_and_not_packed()
    {
        using (ContentCache cache = new(64 << 20, Open()))
        {
            cache.KeepOnDisk(1, "one");
            foreach (ulong i in (ulong[])[1, 2, 3, 4, 5, 9])
            {
                // An object of its own for each: of one whose first block does not pack the others are not tried.
                (await cache.GetAsync(new BlockKey(1, i, i), Random(i).Length, new KeepingLoader(cache, false))).Value.Dispose();
            }
        }
        string file = Assert.Single(DataFiles());
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        using ContentCache again = new(64 << 20, Open());
        Assert.False(again.TryReadKept(new BlockKey(1, 1, 1), new byte[Random(1).Length]));
        again.KeepOnDisk(1, "one");
        for (ulong i = 1; i < 6; i++)
        {
            byte[] read = new byte[Random(i).Length];
            Assert.Equal(i % 2 == 1 || !Zstandard.IsAvailable, again.TryReadKept(new BlockKey(1, i, i), read));
            Assert.True(i % 2 == 0 || read.AsSpan().SequenceEqual(Random(i)));
            Assert.False(again.TryReadKept(new BlockKey(1, i, i), read.AsSpan(1)));
        }
        Assert.False(again.TryReadKept(new BlockKey(1, 8, 8), new byte[Random(8).Length]));
        Assert.False(again.TryReadKept(new BlockKey(1, 9, 9), new byte[Random(9).Length]));
        Assert.Equal(0, again.ReadTotals().Blocks);
    }

    [Fact]
    public void A_directory_where_others_may_write_is_refused_in_one_line()
    {
        Shell.Run("mkdir -m 777 \"$1\"", Directory).Succeeded();
        RecordingLog log = new();
        using DiskTier tier = new(Directory, DiskTier.DefaultBound, Disk, log);
        Assert.Null(tier.Open("one"));
        Assert.Null(tier.Open("two"));
        Assert.Contains("other users may write there", Assert.Single(log.Lines));
    }

    private static byte[] Content(int seed) => TestContent.Make(seed, BlockLength);

    /// <summary>Blocks with an odd number do not compress.</summary>
    private static byte[] Random(ulong index)
    {
        byte[] content = new byte[16 << 10];
        new Random((int)index).NextBytes(content);
        return index % 2 == 1 ? content : TestContent.MakeText((int)index, content.Length);
    }

    private static byte[] Small(ulong index) => TestContent.MakeText((int)index, 150);

    /// <summary>Makes blocks, and keeps each as it completes it.</summary>
    private sealed class KeepingLoader(ContentCache cache, bool isAhead) : BlockLoader
    {
        public int Loaded { get; private set; }

        public override bool IsAhead => isAhead;

        public override async ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination)
        {
            Random(key.Index).CopyTo(destination);
            Loaded++;
            await cache.KeepAsync(key);
            return Errno.None;
        }
    }

    private DiskTier Open(long bound = DiskTier.DefaultBound) => new(Directory, bound, Disk, DriverLog.Silent);

    private string[] DataFiles() => System.IO.Directory.GetFiles(Directory, "*.blocks");

    private void Fill(string identity, int blocks, long bound = DiskTier.DefaultBound)
    {
        using DiskTier tier = Open(bound);
        DiskSource source = tier.Open(identity)!;
        for (int i = 0; i < blocks; i++)
        {
            source.Append(7, (ulong)i, Content(i));
        }
    }

    private void CheckNothingIsWrong(string file, byte[] bytes, bool mayMiss)
    {
        File.WriteAllBytes(file, bytes);
        using DiskTier tier = Open();
        DiskSource source = tier.Open("one")!;
        for (ulong i = 0; i < 3; i++)
        {
            byte[] expected = Small(i);
            byte[] read = new byte[expected.Length];
            if (source.TryRead(7, i, read))
            {
                Assert.Equal(expected, read);
            }
            else
            {
                Assert.True(mayMiss);
            }
        }
    }
}
