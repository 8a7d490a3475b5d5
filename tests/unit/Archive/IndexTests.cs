using System.Globalization;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Trees;
using Kaleidofs.Trees;

#pragma warning disable CA1416 // Modes of Unix.

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class IndexTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>One of each kind of seek points, and those without.</summary>
    public static TheoryData<string> Forms => ["gz", "zst", "zst.frames", "xz.blocks", "xz.streams", "lz.members", "lzma", "bz2.1", "bz2.streams", "lz4.checked", "lz4.frames", "lz4.linked", "Z"];

    private string Folder => _directory["index"];

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("tar --format=posix -S --xattrs -cf", "tar")]
    [InlineData("tar --format=gnu -S -cf", "tar")]
    [InlineData("tar --format=posix -S --xattrs -czf", "tar.gz")]
    [InlineData("zip -qry", "zip")]
    [InlineData("bsdtar --format=newc -cf", "cpio")]
    [InlineData("bsdtar --format=newc -czf", "cpio.gz")]
    [InlineData("genisoimage -quiet -R -o", "iso")]
    [InlineData("ar rcS", "ar")]
    public async Task A_real_archive_that_is_opened_by_its_index_is_the_same_to_the_last_byte(string tool, string extension)
    {
        string path = MakeReal(tool, extension);
        string read;
        await using (Browser first = await OpenAsync(path))
        {
            read = await DescribeAsync(first);
        }
        Assert.Single(Directory.GetFiles(Folder));
        await using (Browser second = await OpenAsync(path))
        {
            Assert.True(IsOpenedByIndex(second));
            Assert.Equal(read, await DescribeAsync(second));
        }
        await using Browser without = await Browser.OpenAsync(path);
        Assert.Equal(read, await DescribeAsync(without));
    }

    [Fact]
    public async Task A_gzipped_tar_that_is_opened_by_its_index_reads_anywhere_without_decoding_what_lies_before()
    {
        byte[] content = TestContent.MakeText(3, 9 << 20);
        string path = _directory.Write("x.tar.gz", TarWriter.Gzip(new TarWriter().Add("big"u8.ToArray(), content).ToArray()));
        await (await OpenAsync(path)).DisposeAsync();
        await using Browser browser = await OpenAsync(path);
        Assert.True(IsOpenedByIndex(browser));
        ulong inode = await browser.FindAsync("big");
        Random random = new(1);
        for (int i = 0; i < 60; i++)
        {
            int offset = random.Next(content.Length - 5000);
            (Errno errno, byte[] read) = await browser.ReadAsync(inode, offset, 5000);
            Assert.Equal(Errno.None, errno);
            Assert.True(content.AsSpan(offset, 5000).SequenceEqual(read));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public async Task What_any_codec_compressed_is_not_decoded_again_and_reads_the_same_anywhere(string form)
    {
        byte[] content = [.. TestContent.MakeText(1, 1_500_000), .. TestContent.Make(2, 300_000), .. TestContent.MakeText(3, 900_000)];
        byte[] tar = new TarWriter().Add("first", "short").Add("big"u8.ToArray(), content).ToArray();
        string[] paths = [_directory.Write($"x.tar.{Encoders.GetEnding(form)}", Encoders.Encode(form, tar)), _directory.Write($"big.{Encoders.GetEnding(form)}", Encoders.Encode(form, content))];
        foreach (string path in paths)
        {
            string expected;
            await using (Browser first = await OpenAsync(path))
            {
                expected = await DescribeAsync(first);
            }
            await using Browser second = await OpenAsync(path);
            Assert.True(IsOpenedByIndex(second));
            await ZipReadingTests.CheckRandomReadsAsync(second, await second.FindAsync("big"), content, seed: 4, reads: 30);
            Assert.Equal(expected, await DescribeAsync(second));
            Assert.Single(second.Log.Lines);
        }
    }

    [SkippableTheory]
    [InlineData("gz")]
    [InlineData("zst.frames")]
    [InlineData("xz.blocks")]
    [InlineData("lz.members")]
    [InlineData("bz2.1")]
    [InlineData("lz4.checked")]
    [InlineData("lz4.frames")]
    public async Task A_forged_seek_point_is_an_error_or_a_lie_and_never_a_crash(string form)
    {
        byte[] content = TestContent.MakeText(1, 4_300_000);
        string path = _directory.Write($"x.tar.{Encoders.GetEnding(form)}", Encoders.Encode(form, new TarWriter().Add("one"u8.ToArray(), content).ToArray()));
        await (await OpenAsync(path)).DisposeAsync();
        string file = Directory.GetFiles(Folder).Single();
        byte[] index = File.ReadAllBytes(file);
        IndexHeader.Section points = ForgedIndex.GetSections(index).ToArray().Single(section => section.Number == IndexSections.SeekPoints);
        Assert.True(points.Length > 60, "there are no seek points");
        int used = 0;
        for (int seed = 0; seed < 24; seed++)
        {
            // The lower bytes of numbers, so that many of them can be.
            Random random = new(seed);
            byte[] forged = [.. index];
            forged[(int)points.Position + (8 * random.Next((int)Math.Min(points.Length, 200) / 8)) + random.Next(2)] += (byte)random.Next(1, 256);
            File.Delete(file);
            File.WriteAllBytes(file, ForgedIndex.Seal(forged));
            await using Browser browser = await OpenAsync(path);
            used += IsOpenedByIndex(browser) ? 1 : 0;
            ulong inode = await browser.FindAsync("one");
            for (int offset = 0; offset < content.Length; offset += 1_300_000)
            {
                Task<(Errno, byte[])> read = browser.ReadAsync(inode, offset, 10_000);
                await read.WaitAsync(TimeSpan.FromSeconds(20));
            }
        }
        Assert.True(used > 2, $"only {used} were used");
    }

    [Fact]
    public async Task Where_one_process_decoded_a_long_zip_entry_the_next_begins()
    {
        byte[] content = TestContent.MakeText(1, 22 << 20);
        (string path, string aside) = await PrepareLongEntryAsync(content);
        await using Browser browser = await OpenAsync(path);
        ulong inode = await browser.FindAsync("long");
        // What lies before is no longer there to be decoded.
        using (FileStream archive = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            archive.Position = 1000;
            archive.Write(new byte[50_000]);
        }
        foreach (int offset in (int[])[21 << 20, 9_000_000, 15 << 20])
        {
            (Errno errno, byte[] read) = await browser.ReadAsync(inode, offset, 200_000);
            Assert.True(errno == Errno.None, $"{errno} at {offset}: {string.Join("; ", browser.Log.Lines)}");
            Assert.True(content.AsSpan(offset, 200_000).SequenceEqual(read));
        }
        await browser.FileSystem.DisposeAsync();
        // Of another state of the archive, they are nothing to go by.
        await using Browser changed = await OpenAsync(path);
        Assert.Equal(Errno.EIO, (await changed.ReadAsync(await changed.FindAsync("long"), 21 << 20, 1000)).Errno);
        await changed.FileSystem.DisposeAsync();
        Assert.True(File.Exists(aside));
    }

    [Fact]
    public async Task Forged_seek_points_of_a_zip_entry_are_an_error_or_a_lie_and_never_a_crash()
    {
        byte[] content = TestContent.MakeText(1, 18 << 20);
        (string path, string aside) = await PrepareLongEntryAsync(content);
        byte[] kept = File.ReadAllBytes(aside);
        for (int seed = 0; seed < 12; seed++)
        {
            File.Delete(aside);
            File.WriteAllBytes(aside, ForgedIndex.Forge(kept, new Random(seed), number => number != IndexSections.Manifest));
            await using Browser browser = await OpenAsync(path);
            ulong inode = await browser.FindAsync("long");
            foreach (int offset in (int[])[17 << 20, 3_000_000])
            {
                await browser.ReadAsync(inode, offset, 1000).WaitAsync(TimeSpan.FromSeconds(20));
            }
        }
    }

    [SkippableFact]
    public async Task Blocks_on_the_disk_of_a_file_that_is_the_same_at_its_ends_are_not_taken_for_its_own()
    {
        (byte[] one, byte[] two) = (TestContent.Make(1, 600_000), TestContent.Make(1, 600_000));
        two.AsSpan(250_000, 100_000).Reverse();
        foreach ((string name, byte[] content) in new[] { ("one", one), ("two", two) })
        {
            string path = _directory.Write(name + ".zst", Encoders.Encode("zst.unchecked", content));
            File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        }
        Assert.Equal(new FileInfo(_directory["one.zst"]).Length, new FileInfo(_directory["two.zst"]).Length);
        foreach ((string name, byte[] content) in new[] { ("one", one), ("two", two), ("one", one), ("two", two) })
        {
            DiskTier tier = new(_directory["blocks"], DiskTier.DefaultBound, new DiskReader(), DriverLog.Silent);
            using ContentCache cache = new(ContentCache.DefaultBudget, tier);
            await using Browser browser = await Browser.OpenAsync(_directory[name + ".zst"], options: new() { ["index"] = Folder }, shared: cache);
            tier.Flush();
            Assert.True((await browser.ReadAllAsync(name)).AsSpan().SequenceEqual(content), name);
            tier.Flush();
        }
    }

    [Fact]
    public async Task A_committed_archive_is_not_served_by_the_index_of_what_it_was()
    {
        string path = _directory.Write("x.zip", MakeZip("one"));
        await using (CommitBench bench = await CommitBench.OpenAsync(path, ("index", Folder)))
        {
            await bench.Tree.CreateAsync("two");
            await bench.Tree.WriteAsync("two", 0, "new"u8.ToArray());
            await (await bench.CommitAsync()).RetireAsync();
        }
        Assert.Single(Directory.GetFiles(Folder));
        await using Browser browser = await OpenAsync(path);
        Assert.False(IsOpenedByIndex(browser));
        Assert.Equal("new"u8.ToArray(), await browser.ReadAllAsync("two"));
        await browser.FileSystem.DisposeAsync();
        Assert.Single(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task Options_that_change_what_is_shown_have_an_index_each_and_what_shows_nothing_has_none()
    {
        string path = _directory.Write("x.tar", new TarWriter().Add("a/b/c", "content").Add("d/", type: '5').ToArray());
        foreach ((string option, string value, string[] shown) in new[] { ("strip", "1", new[] { "b", "b/c" }), ("subdir", "a/b", ["c"]), ("subdir", "d", []), ("strip", "0", ["a", "a/b", "a/b/c", "d"]) })
        {
            for (int i = 0; i < 2; i++)
            {
                await using Browser browser = await Browser.OpenAsync(path, options: new() { ["index"] = Folder, [option] = value });
                Assert.Equal(i == 1, IsOpenedByIndex(browser));
                Assert.Equal(shown, await browser.ListAllAsync());
            }
        }
        for (int i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path, options: new() { ["index"] = Folder, ["subdir"] = "e" }));
        }
        Assert.Equal(4, Directory.GetFiles(Folder).Length);
    }

    [Fact]
    public async Task No_index_is_kept_of_several_archives_in_one_tree()
    {
        string path = _directory.Write("x.zip", MakeZip("one"));
        string other = _directory.Write("y.zip", MakeZip("two"));
        await (await Browser.OpenAsync(path, options: new() { ["index"] = Folder, ["union"] = other })).DisposeAsync();
        await (await Browser.OpenAsync(path, options: new() { ["index"] = Folder, ["nested"] = "" })).DisposeAsync();
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Warnings_of_the_first_opening_are_given_again()
    {
        byte[] tar = new TarWriter().Add("a", "content").Add("b", new string('b', 5000)).ToArrayWithoutEnd();
        string path = _directory.Write("x.tar", tar.AsSpan(..^1024));
        await using Browser first = await OpenAsync(path);
        string warning = Assert.Single(first.Log.Lines, line => line.Contains("cut off", StringComparison.Ordinal));
        await first.FileSystem.DisposeAsync();
        await using Browser second = await OpenAsync(path);
        Assert.True(IsOpenedByIndex(second));
        Assert.Contains(warning, second.Log.Lines);
    }

    [Theory]
    [InlineData("content of the same length, at its end")]
    [InlineData("its length")]
    [InlineData("its time")]
    [InlineData("another file of the same name, length and time")]
    public async Task An_archive_that_has_changed_is_read_again(string change)
    {
        string path = _directory.Write("x.zip", MakeZip("one"));
        DateTime time = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, time);
        await (await OpenAsync(path)).DisposeAsync();
        switch (change)
        {
            case "its time":
                File.SetLastWriteTimeUtc(path, time.AddSeconds(1));
                break;
            case "its length":
                File.WriteAllBytes(path, MakeZip("three"));
                File.SetLastWriteTimeUtc(path, time);
                break;
            case "content of the same length, at its end":
                File.WriteAllBytes(path, MakeZip("two"));
                File.SetLastWriteTimeUtc(path, time);
                break;
            default:
                File.WriteAllBytes(path + ".new", MakeZip("two"));
                File.SetLastWriteTimeUtc(path + ".new", time);
                File.Move(path + ".new", path, overwrite: true);
                break;
        }
        await using Browser second = await OpenAsync(path);
        Assert.False(IsOpenedByIndex(second));
        Assert.Contains(second.Log.Lines, line => line.Contains("another state of the archive", StringComparison.Ordinal));
        string name = change == "its time" ? "one" : change == "its length" ? "three" : "two";
        Assert.NotEqual(0ul, (await second.LookupAsync(name)).Inode);
        await second.FileSystem.DisposeAsync();
        await using Browser third = await OpenAsync(path);
        Assert.True(IsOpenedByIndex(third));
        Assert.NotEqual(0ul, (await third.LookupAsync(name)).Inode);
    }

    [Theory]
    [InlineData("x.zip")]
    [InlineData("x.tar.gz")]
    public async Task A_damaged_index_is_made_anew(string name)
    {
        (string path, string expected, byte[] index) = await PrepareAsync(name);
        string file = Directory.GetFiles(Folder).Single();
        for (int position = 0; position < index.Length; position += position < 200 ? 17 : 211)
        {
            byte[] damaged = [.. index];
            damaged[position] ^= (byte)(1 << (position % 8));
            await CheckAsync(damaged);
            await CheckAsync(index[..position]);
        }

        async Task CheckAsync(byte[] content)
        {
            File.Delete(file);
            File.WriteAllBytes(file, content);
            await using Browser browser = await OpenAsync(path);
            Assert.Equal(expected, await DescribeAsync(browser));
        }
    }

    [Theory]
    [InlineData("x.zip")]
    [InlineData("x.tar.gz")]
    [InlineData("x.cpio")]
    public async Task A_forged_index_is_answered_with_errors_or_lies_and_never_with_a_crash(string name)
    {
        (string path, _, byte[] index) = await PrepareAsync(name);
        string file = Directory.GetFiles(Folder).Single();
        int used = 0;
        for (int seed = 0; seed < 120; seed++)
        {
            File.Delete(file);
            File.WriteAllBytes(file, ForgedIndex.Forge(index, new Random(seed), number => number != IndexSections.Manifest));
            await using Browser browser = await OpenAsync(path);
            used += IsOpenedByIndex(browser) ? 1 : 0;
            try
            {
                await TouchAsync(browser);
            }
            catch (Exception exception) when (ForgedIndex.IsRefusal(exception))
            {
                // A share answers EIO.
            }
        }
        Assert.True(used > 20, $"only {used} were used");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_index_whose_comparison_takes_long_is_used_meanwhile_and_answers_nothing_once_it_is_known_to_be_damaged(bool isDamaged)
    {
        string path = _directory.Write("x.zip", MakeZip("one"));
        await (await OpenAsync(path)).DisposeAsync();
        string file = Directory.GetFiles(Folder).Single();
        if (isDamaged)
        {
            // What nobody looks at.
            byte[] index = File.ReadAllBytes(file);
            index[ForgedIndex.GetSections(index).ToArray().Single(section => section.Number == TreeSections.ModificationTime).Position + 9] ^= 1;
            File.Delete(file);
            File.WriteAllBytes(file, index);
            await using Browser quick = await OpenAsync(path);
            Assert.False(IsOpenedByIndex(quick));
            await quick.FileSystem.DisposeAsync();
            File.Delete(file);
            File.WriteAllBytes(file, index);
        }
        GatedReader reader = new();
        await using Browser browser = await Browser.OpenAsync(path, options: new() { ["index"] = Folder }, files: reader);
        Assert.True(IsOpenedByIndex(browser));
        Assert.NotEqual(0ul, (await browser.LookupAsync("one")).Inode);
        reader.Open();
        await browser.FileSystem.DisposeAsync();
        Assert.Equal(isDamaged ? Errno.ESTALE : Errno.None, (await browser.FileSystem.GetAttributesAsync(default, FileSystem.RootInode, null)).Errno);
        Assert.Equal(isDamaged, browser.Log.Lines.Any(line => line.Contains("is damaged, and was removed", StringComparison.Ordinal)));
        Assert.Equal(!isDamaged, File.Exists(file));
    }

    [Fact]
    public async Task Many_open_the_same_archive_at_once_and_one_whole_index_remains()
    {
        string path = _directory.Write("x.zip", MakeZip("one"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using Browser browser = await OpenAsync(path);
            Assert.NotEqual(0ul, (await browser.LookupAsync("one")).Inode);
        })));
        Assert.Single(Directory.GetFiles(Folder));
        await using Browser last = await OpenAsync(path);
        Assert.True(IsOpenedByIndex(last));
    }

    [Fact]
    public async Task What_a_process_left_that_was_killed_while_it_wrote_harms_nobody_and_goes()
    {
        Directory.CreateDirectory(Folder);
        string old = Path.Combine(Folder, "0.index.1.tmp");
        string young = Path.Combine(Folder, "0.index.2.tmp");
        File.WriteAllText(old, "half");
        File.WriteAllText(young, "half");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        await (await OpenAsync(_directory.Write("x.zip", MakeZip("one")))).DisposeAsync();
        Assert.False(File.Exists(old));
        // Somebody may be writing it.
        Assert.True(File.Exists(young));
    }

    [Fact]
    public void The_folder_is_bounded_and_the_least_recently_used_go_first()
    {
        IndexFolder folder = new(Folder, keepsAll: true, maxBytes: 2500);
        foreach (string name in (string[])["a", "b", "c"])
        {
            folder.Write(folder.GetPath(name), stream => stream.Write(new byte[1000]));
            File.SetLastWriteTimeUtc(folder.GetPath(name), DateTime.UtcNow.AddDays(-10 + name[0] - 'a'));
            File.SetLastAccessTimeUtc(folder.GetPath(name), DateTime.UtcNow.AddDays(name == "b" ? -1 : -9));
        }
        Assert.Equal(["b", "c"], Directory.GetFiles(Folder).Select(Path.GetFileNameWithoutExtension).Order());
        folder.Write(folder.GetPath("d"), stream => stream.Write(new byte[1000]));
        Assert.Equal(["b", "d"], Directory.GetFiles(Folder).Select(Path.GetFileNameWithoutExtension).Order());
    }

    [Fact]
    public async Task An_index_that_others_may_write_is_not_used_and_the_own_one_is_for_the_user_alone()
    {
        string path = _directory.Write("x.zip", MakeZip("one"));
        await (await OpenAsync(path)).DisposeAsync();
        string file = Directory.GetFiles(Folder).Single();
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(file));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupWrite);
        await using Browser browser = await OpenAsync(path);
        Assert.False(IsOpenedByIndex(browser));
    }

    [Theory]
    [InlineData("/proc/no-such-folder")]
    [InlineData("/dev/null/x")]
    public async Task Where_no_index_can_be_kept_the_archive_opens_all_the_same_with_one_line(string folder)
    {
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", MakeZip("one")), options: new() { ["index"] = folder });
        Assert.NotEqual(0ul, (await browser.LookupAsync("one")).Inode);
        await browser.FileSystem.DisposeAsync();
        Assert.Single(browser.Log.Lines, line => line.Contains("its index is not kept", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Made_ahead_it_is_there_and_the_second_time_it_was_there()
    {
        string path = _directory.Write("x.zip", MakeZip("one"));
        SourceIndex first = await IndexAsync(path);
        SourceIndex second = await IndexAsync(path);
        Assert.Equal((false, true), (first.WasThere, second.WasThere));
        Assert.Equal(2, first.Entries);
        Assert.Equal((Directory.GetFiles(Folder).Single(), new FileInfo(first.Path).Length), (second.Path, second.Length));
        SourceException refusal = await Assert.ThrowsAsync<SourceException>(() => IndexAsync(path, "none"));
        Assert.True(refusal.IsUsageError);
        await Assert.ThrowsAsync<SourceException>(() => IndexAsync(path, "/proc/no-such-folder"));
    }

    private Task<Browser> OpenAsync(string path) => Browser.OpenAsync(path, options: new() { ["index"] = Folder });

    private async Task<SourceIndex> IndexAsync(string path, string? folder = null)
    {
        using ContentCache cache = new(1 << 20);
        DriverContext context = new() { Source = path, Scheme = "archive", Cache = cache, Files = new DiskReader(), Options = new Dictionary<string, string> { ["index"] = folder ?? Folder } };
        return await new ArchiveDriver().IndexAsync(context, new Progress<double>(), CancellationToken.None);
    }

    private static bool IsOpenedByIndex(Browser browser) => browser.Log.Lines.Any(line => line.Contains("opened by its index", StringComparison.Ordinal));

    private static byte[] MakeZip(string name)
    {
        ZipWriter writer = new();
        writer.Add(name, "content");
        return writer.ToArray();
    }

    private async Task<(string Path, string Expected, byte[] Index)> PrepareAsync(string name)
    {
        byte[] content = TestContent.MakeText(1, 20_000);
        ZipWriter zip = new();
        zip.Add("d/one"u8.ToArray(), content, 8);
        zip.Add("two", "stored");
        TarWriter tar = new();
        tar.AddPax(("SCHILY.xattr.user.a", "1"), ("atime", "5")).Add("d/one"u8.ToArray(), content).Add("link", type: '2', linkName: "d/one").Add("hard", type: '1', linkName: "d/one");
        string path = _directory[name];
        if (name.EndsWith("cpio", StringComparison.Ordinal))
        {
            Shell.Run("cd \"$1\" && mkdir d && seq 4000 >d/one && echo 1 >two && ln two three && find d two three | cpio -o -H crc --quiet >\"$2\" && rm -r d two three", _directory.Path, path).Succeeded();
        }
        else
        {
            _directory.Write(name, name.EndsWith("zip", StringComparison.Ordinal) ? zip.ToArray() : TarWriter.Gzip(tar.ToArray()));
        }
        await using Browser browser = await OpenAsync(path);
        string expected = await DescribeAsync(browser);
        await browser.FileSystem.DisposeAsync();
        return (path, expected, File.ReadAllBytes(Directory.GetFiles(Folder).Single()));
    }

    /// <summary>A zip of one long entry, all of which a process has decoded, and the file with the seek points.</summary>
    private async Task<(string Path, string Aside)> PrepareLongEntryAsync(byte[] content)
    {
        ZipWriter zip = new();
        zip.Add("long"u8.ToArray(), content, 8);
        string path = _directory.Write("x.zip", zip.ToArray());
        await using (Browser browser = await OpenAsync(path))
        {
            Assert.Equal(Errno.None, (await browser.ReadAsync(await browser.FindAsync("long"), content.Length - 1000, 1000)).Errno);
        }
        return (path, Directory.GetFiles(Folder, "*.points.index").Single());
    }

    /// <summary>An archive of everything that the tool can hold.</summary>
    private string MakeReal(string tool, string extension)
    {
        Skip.If(Shell.Run("command -v \"$1\"", tool.Split(' ')[0]).Status != 0, $"{tool.Split(' ')[0]} is not here");
        string path = _directory["real." + extension];
        Shell.Run($"""
            set -e; mkdir "$1/tree"; cd "$1/tree"; umask 022
            mkdir -p a/b/c empty; seq 1 40000 > a/numbers; head -c 300000 /dev/urandom > a/b/random; : > a/b/nothing
            ln a/numbers a/b/hard; ln -s ../numbers a/b/soft; ln -s nowhere dangling; chmod 4711 a/b/random; touch -d 1969-12-31T23:59:58Z a/b/nothing
            truncate -s 3M sparse; printf x | dd of=sparse bs=1 seek=2000000 conv=notrunc 2>/dev/null
            i=0; while [ $i -lt 300 ]; do printf "$i" > "a/b/c/file $i"; i=$((i+1)); done
            setfattr -n user.name -v value a/numbers 2>/dev/null || :
            case "{tool}" in ar*) cd a; {tool} "$2" numbers b/random b/nothing;; *) {tool} "$2" .;; esac
            """, _directory.Path, path).Succeeded();
        return path;
    }

    private static async Task<string> DescribeAsync(Browser browser)
    {
        System.Text.StringBuilder text = new();
        foreach ((string path, Attributes attributes) in await browser.WalkAsync())
        {
            text.Append(CultureInfo.InvariantCulture, $"{path} {attributes.Inode} {attributes.Mode:x} {attributes.UserId} {attributes.GroupId} {attributes.Size} {attributes.Blocks} {attributes.LinkCount} {attributes.DeviceId} {attributes.AccessTime} {attributes.ModificationTime} {attributes.ChangeTime}");
            if (attributes.IsRegularFile)
            {
                (Errno errno, byte[] content) = await browser.ReadAsync(attributes.Inode, 0, (int)attributes.Size);
                text.Append(CultureInfo.InvariantCulture, $" {errno} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content))} {(await browser.FileSystem.SeekAsync(default, attributes.Inode, 0, 0, SeekKind.Hole)).Value}");
            }
            if (attributes.IsSymbolicLink)
            {
                text.Append(' ').Append(Convert.ToHexString((await browser.FileSystem.ReadLinkAsync(default, attributes.Inode)).Value.Span));
            }
            Result<ReadOnlyMemory<byte>> names = await browser.FileSystem.ListExtendedAttributesAsync(default, attributes.Inode);
            text.Append(CultureInfo.InvariantCulture, $" {names.Errno} {Convert.ToHexString(names.IsOk ? names.Value.Span : [])}\n");
        }
        FileSystemStatistics statistics = (await browser.FileSystem.GetStatisticsAsync(default, FileSystem.RootInode)).Value;
        text.Append(CultureInfo.InvariantCulture, $"{browser.FileSystem.Info.Identity} {statistics.Files} {statistics.Blocks}");
        return text.ToString();
    }

    /// <summary>Asks for everything by number, as names may lead in circles.</summary>
    private static async Task TouchAsync(Browser browser)
    {
        for (ulong inode = 1; inode < 12; inode++)
        {
            try
            {
                Result<CachedAttributes> attributes = await browser.FileSystem.GetAttributesAsync(default, inode, null);
                if (!attributes.IsOk)
                {
                    continue;
                }
                _ = await browser.ReadAsync(inode, (long)(attributes.Value.Attributes.Size / 2), 70_000);
                _ = await browser.ReadAsync(inode, 0, 70_000);
                _ = await browser.FileSystem.ReadLinkAsync(default, inode);
                _ = await browser.FileSystem.ListExtendedAttributesAsync(default, inode);
                _ = await browser.FileSystem.OpenAsync(default, inode, default);
                _ = await browser.FileSystem.LookupAsync(default, inode, "one"u8.ToArray());
                _ = await browser.FileSystem.SeekAsync(default, inode, 0, 0, SeekKind.Hole);
            }
            catch (Exception exception) when (ForgedIndex.IsRefusal(exception))
            {
                // A share answers EIO.
            }
        }
    }
}
