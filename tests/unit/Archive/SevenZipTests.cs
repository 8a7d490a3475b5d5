using System.Buffers.Binary;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Deflate;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Archives that the real 7z makes, read here without libarchive.</summary>
public sealed class SevenZipTests : IDisposable
{
    private const int StartLength = 32;

    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _noise = TestContent.Make(1, 300_000);
    private readonly byte[] _text = TestContent.MakeText(2, 700_000);
    // What filters for programs change.
    private readonly byte[] _program = File.ReadAllBytes("/bin/ls");

    public SevenZipTests()
    {
        Directory.CreateDirectory(_directory["tree/sub/empty"]);
        File.WriteAllBytes(_directory["tree/noise"], _noise);
        File.WriteAllBytes(_directory["tree/sub/text"], _text);
        File.WriteAllBytes(_directory["tree/program"], _program);
        File.WriteAllText(_directory["tree/sub/naïve ☃"], "snow");
        File.WriteAllBytes(_directory["tree/none"], []);
        File.WriteAllText(_directory["password"], "naïve secret\n");
        foreach (string file in Directory.GetFiles(_directory["tree"], "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddSeconds(1_600_000_000).AddTicks(1_234_567));
        }
    }

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("")]
    [InlineData("-mx=9 -m0=LZMA")]
    [InlineData("-ms=off -mhc=off")]
    [InlineData("-m0=LZMA2:d=64k:c=1m -mmt=2")]
    [InlineData("-m0=Copy")]
    [InlineData("-m0=BZip2")]
    [InlineData("-m0=Deflate")]
    [InlineData("-m0=Deflate64 -ms=off")]
    [InlineData("-m0=BCJ -m1=LZMA -mf=off")]
    [InlineData("-m0=BCJ -m1=LZMA2")]
    [InlineData("-m0=Delta:4 -m1=LZMA:d=1m")]
    [InlineData("-m0=ARM -m1=LZMA2")]
    [InlineData("-p'naïve secret'")]
    [InlineData("-p'naïve secret' -mhe=on")]
    [InlineData("-p'naïve secret' -m0=Copy")]
    [InlineData("-p'naïve secret' -mhe=on -m0=BCJ -m1=LZMA")]
    public async Task A_tree_is_shown_as_it_was_without_a_worker(string options)
    {
        Run($"7z a -bd {options} x.7z ./tree");
        CountingStarter workers = new(Browser.Workers);
        await using Browser browser = await OpenAsync("x.7z", hasPassword: options.StartsWith("-p", StringComparison.Ordinal), workers: workers);
        await CheckTreeAsync(browser);
        Assert.Equal(0, workers.Count);
    }

    [SkippableTheory]
    [InlineData("-m0=PPMd")]
    [InlineData("-m0=BCJ2 -m1=LZMA -m2=LZMA -m3=LZMA -mb0:1 -mb0s1:2 -mb0s2:3")]
    public async Task What_is_packed_otherwise_is_read_by_a_worker(string options)
    {
        Run($"7z a -bd {options} x.7z ./tree");
        CountingStarter workers = new(Browser.Workers);
        await using Browser browser = await OpenAsync("x.7z", workers: workers);
        await CheckTreeAsync(browser);
        Assert.True(workers.Count > 0);
    }

    [SkippableFact]
    public async Task Modes_links_and_missing_modes_are_shown()
    {
        Run("chmod 750 tree/noise && ln -s sub/text tree/link && 7z a -bd -snl x.7z tree && python3 -c 'import os; os.utime(\"x.7z\", (1, 1))'");
        await using Browser browser = await OpenAsync("x.7z");
        Assert.Equal(FileType.Regular | 0b111_101_000, (await browser.LookupAsync("tree/noise")).Mode);
        Assert.Equal("sub/text", await browser.ReadLinkAsync("tree/link"));
        Assert.Equal(FileType.SymbolicLink, (await browser.LookupAsync("tree/link")).Mode & FileType.Mask);
    }

    [SkippableFact]
    public async Task Entries_that_remove_files_are_not_shown_and_told()
    {
        Run("7z a -bd base.7z tree/noise tree/none && rm tree/none && (7z u -bd base.7z tree/noise tree/none -u- '-up0q3r2x2y2z0w2!x.7z' || true)");
        Skip.IfNot(File.Exists(_directory["x.7z"]), "this 7z makes no entries that remove files");
        await using Browser browser = await OpenAsync("x.7z");
        Assert.DoesNotContain("none", string.Join('\n', await browser.ListAllAsync()), StringComparison.Ordinal);
        Assert.Contains(browser.Log.Lines, line => line.Contains("1 entries say only that a file is to be removed", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task What_only_the_library_decodes_is_refused_if_it_is_encrypted_and_the_rest_is_read()
    {
        Run("7z a -bd -m0=Copy -p'naïve secret' x.7z ./tree/noise && 7z a -bd -m0=PPMd -p'naïve secret' x.7z ./tree/sub/text");
        CountingStarter workers = new(Browser.Workers);
        await using Browser browser = await OpenAsync("x.7z", hasPassword: true, workers: workers);
        List<string> paths = await browser.ListAllAsync();
        Assert.Equal(_noise, await browser.ReadAllAsync(paths.Single(path => path.EndsWith("noise", StringComparison.Ordinal))));
        Assert.Equal(Errno.EOPNOTSUPP, await browser.TryReadAllAsync(paths.Single(path => path.EndsWith("text", StringComparison.Ordinal))));
        Assert.Equal(0, workers.Count);
    }

    [SkippableFact]
    public async Task In_volumes_and_within_other_archives_it_reads()
    {
        Run("7z a -bd -v200k x.7z ./tree && 7z a -bd y.7z ./tree && tar cf y.tar y.7z");
        await using (Browser browser = await OpenAsync("x.7z.001"))
        {
            await CheckTreeAsync(browser);
        }
        await using Browser nested = await Browser.OpenAsync(_directory["y.tar"], options: new() { ["nested"] = "" });
        Assert.Equal(_text, await nested.ReadAllAsync("y.7z/tree/sub/text"));
        Run("7z a -bd z.7z y.tar x.7z.001");
        await using Browser deep = await OpenAsync("z.7z", options: new() { ["nested"] = "" });
        Assert.Equal(_text, await deep.ReadAllAsync("y.tar/y.7z/tree/sub/text"));
        Assert.Equal(_noise, await deep.ReadAllAsync("y.tar/y.7z/tree/noise"));
    }

    [SkippableFact]
    public async Task Without_the_password_it_is_refused_and_with_a_wrong_one_nothing_wrong_is_read()
    {
        Run("7z a -bd -p'naïve secret' -mhe=on hidden.7z ./tree && 7z a -bd -p'naïve secret' x.7z ./tree && 7z a -bd -p'naïve secret' -m0=Copy copy.7z ./tree");
        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => OpenAsync("hidden.7z"));
        Assert.Contains("password-file", refused.Message, StringComparison.Ordinal);
        await using (Browser browser = await OpenAsync("x.7z"))
        {
            Assert.Contains("password-file", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
            Assert.Equal(Errno.EACCES, await browser.TryReadAllAsync("tree/sub/text"));
        }
        _directory.Write("password", "another\n"u8.ToArray());
        refused = await Assert.ThrowsAsync<SourceException>(() => OpenAsync("hidden.7z", hasPassword: true));
        Assert.Contains("password is wrong", refused.Message, StringComparison.Ordinal);
        foreach (string name in (string[])["x.7z", "copy.7z"])
        {
            await using Browser wrong = await OpenAsync(name, hasPassword: true);
            Assert.Equal(Errno.EIO, await wrong.TryReadAllAsync("tree/sub/text"));
            Assert.Contains("password", wrong.Log.Lines.First(), StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task Its_index_and_its_long_blocks_are_kept_unless_they_are_encrypted()
    {
        byte[] large = TestContent.MakeText(5, 20 << 20);
        _directory.Write("tree/large", large);
        Run("7z a -bd -mx=1 x.7z ./tree && 7z a -bd -mx=1 -p'naïve secret' -mhe=on secret.7z ./tree");
        foreach (string name in (string[])["x.7z", "secret.7z"])
        {
            bool isSecret = name == "secret.7z";
            for (int round = 0; round < 2; round++)
            {
                DiskReader disk = new();
                DiskTier tier = new(_directory[$"blocks-{name}"], DiskTier.DefaultBound, disk, DriverLog.Silent);
                using ContentCache cache = new(ContentCache.DefaultBudget, tier);
                await using (Browser browser = await OpenAsync(name, isSecret, options: new() { ["index"] = _directory[$"index-{name}"] }, cache: cache))
                {
                    byte[] read = await browser.ReadAllAsync("tree/large");
                    Assert.True(large.AsSpan().SequenceEqual(read));
                    Assert.Equal(_text, await browser.ReadAllAsync("tree/sub/text"));
                    tier.Flush();
                }
                Assert.Equal(!isSecret, Directory.Exists(_directory[$"index-{name}"]) && Directory.GetFiles(_directory[$"index-{name}"], "*.index").Length > 0);
            }
            Assert.Equal(!isSecret, Directory.Exists(_directory[$"blocks-{name}"]) && Directory.GetFiles(_directory[$"blocks-{name}"]).Sum(file => new FileInfo(file).Length) > 1 << 20);
        }
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("-ms=off -m0=Copy")]
    [InlineData("-m0=BCJ -m1=LZMA")]
    public async Task Damaged_anywhere_no_wrong_byte_is_read(string options)
    {
        Run($"7z a -bd {options} x.7z ./tree/sub ./tree/noise");
        byte[] archive = File.ReadAllBytes(_directory["x.7z"]);
        Random random = new(4);
        int read = 0;
        int refused = 0;
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = i % 3 == 0 ? archive[..random.Next(archive.Length)] : [.. archive];
            for (int flips = i % 3 == 0 ? 0 : 1 + random.Next(3); flips > 0; flips--)
            {
                damaged[i % 3 == 1 ? random.Next(StartLength, archive.Length) : archive.Length - 1 - random.Next(200)] ^= (byte)(1 << random.Next(8));
            }
            try
            {
                await using Browser browser = await Browser.OpenAsync(_directory.Write("damaged.7z", damaged)).WaitAsync(TimeSpan.FromMinutes(1));
                foreach ((string path, byte[] expected) in ((string, byte[])[])[("sub/text", _text), ("noise", _noise)])
                {
                    Attributes attributes = await browser.LookupAsync(path);
                    (Errno errno, byte[] content) = await browser.ReadAsync(attributes.Inode, 0, expected.Length);
                    Assert.True(errno == Errno.EIO || (errno == Errno.None && content.AsSpan().SequenceEqual(expected)), $"{i} {path} {errno}");
                    read += errno == Errno.None ? 1 : 0;
                }
            }
            catch (SourceException exception)
            {
                refused++;
                Assert.DoesNotContain('\n', exception.Message);
            }
        }
        Assert.True(read > 0 && refused > 0, $"{read} {refused}");
    }

    [SkippableFact]
    public async Task A_hostile_header_is_refused_or_shown_and_never_more()
    {
        Run("7z a -bd -mhc=off -ms=off -m0=BCJ -m1=LZMA:d=64k x.7z ./tree/sub ./tree/none");
        byte[] archive = File.ReadAllBytes(_directory["x.7z"]);
        long place = BinaryPrimitives.ReadInt64LittleEndian(archive.AsSpan(12)) + StartLength;
        Random random = new(7);
        int refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] hostile = [.. archive];
            Span<byte> header = hostile.AsSpan((int)place);
            for (int changes = 1 + random.Next(4); changes > 0; changes--)
            {
                // Most of the header is names, which can be anything.
                header[random.Next(Math.Min(header.Length, 120))] = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => (byte)random.Next(0x1A), _ => (byte)random.Next(256) };
            }
            Sign(hostile, place);
            try
            {
                await using Browser browser = await Browser.OpenAsync(_directory.Write("hostile.7z", hostile), cacheBudget: 4 << 20, workers: WorkerStarter.None).WaitAsync(TimeSpan.FromSeconds(20));
                foreach ((string _, Attributes attributes) in await browser.WalkAsync())
                {
                    if ((attributes.Mode & FileType.Mask) == FileType.Regular && attributes.Size > 0)
                    {
                        (Errno errno, byte[] _) = await browser.ReadAsync(attributes.Inode, (long)attributes.Size / 2, (int)Math.Min(attributes.Size, 1000)).WaitAsync(TimeSpan.FromSeconds(20));
                        Assert.True(errno is Errno.None or Errno.EIO or Errno.EACCES or Errno.EOPNOTSUPP, $"{i} {errno}");
                    }
                }
            }
            catch (SourceException exception)
            {
                refused++;
                Assert.DoesNotContain('\n', exception.Message);
            }
        }
        Assert.InRange(refused, 100, 2990);
    }

    [SkippableFact]
    public async Task Cut_off_at_any_byte_it_is_refused_with_one_line()
    {
        _directory.Write("tiny", "tiny"u8.ToArray());
        Run("7z a -bd x.7z tiny");
        byte[] archive = File.ReadAllBytes(_directory["x.7z"]);
        for (int length = 7; length < archive.Length; length++)
        {
            SourceException refused = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(_directory.Write("cut.7z", [.. archive.Take(length)])));
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    private static void Sign(byte[] archive, long place)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(28), Crc32.Append(0, archive.AsSpan((int)place)));
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(8), Crc32.Append(0, archive.AsSpan(12, 20)));
    }

    private async Task CheckTreeAsync(Browser browser)
    {
        Assert.Empty(browser.Log.Lines);
        Assert.Equal(_text, await browser.ReadAllAsync("tree/sub/text"));
        Assert.Equal(_noise, await browser.ReadAllAsync("tree/noise"));
        Assert.Equal(_program, await browser.ReadAllAsync("tree/program"));
        Assert.Equal("snow"u8.ToArray(), await browser.ReadAllAsync("tree/sub/naïve ☃"));
        Assert.Equal(new Timestamp(1_600_000_000, 123_456_700), (await browser.LookupAsync("tree/noise")).ModificationTime);
        Assert.Equal(0ul, (await browser.LookupAsync("tree/none")).Size);
        Assert.Equal(FileType.Regular, (await browser.LookupAsync("tree/none")).Mode & FileType.Mask);
        Assert.True((await browser.LookupAsync("tree/sub/empty")).IsDirectory);
        Assert.Equal(8, (await browser.ListAllAsync()).Count);
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("tree/sub/text"), _text, seed: 3, reads: 50);
        Assert.Empty(browser.Log.Lines);
    }

    private Task<Browser> OpenAsync(string name, bool hasPassword = false, WorkerStarter? workers = null, Dictionary<string, string>? options = null, ContentCache? cache = null)
    {
        options ??= [];
        if (hasPassword)
        {
            options["password-file"] = _directory["password"];
        }
        return Browser.OpenAsync(_directory[name], options: options, workers: workers, shared: cache);
    }

    private void Run(string command)
    {
        Skip.If(Shell.Run("command -v 7z").Status != 0, "7z is not installed");
        CommandResult made = Shell.Run($"export LC_ALL=C.UTF-8; cd \"$1\" && {command}", _directory.Path);
        Assert.True(made.Status == 0, made.Error + made.Output);
    }
}
