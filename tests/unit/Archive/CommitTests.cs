using System.Text;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Transforms.Overlay;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>An overlay's changes in the archive itself: as it was shown, as other tools read it, and whole at any moment.</summary>
public sealed class CommitTests : IDisposable
{
    private static readonly byte[] Text = TestContent.MakeText(3, 300_000);

    private readonly TemporaryDirectory _directory = new();

    public CommitTests()
    {
        Directory.CreateDirectory(_directory["in/dir/sub"]);
        Directory.CreateDirectory(_directory["in/moved/deep"]);
        _directory.Write("in/text", Text);
        _directory.Write("in/short", "short"u8);
        _directory.Write("in/dir/sub/file", "file"u8);
        _directory.Write("in/dir/kept", "kept"u8);
        _directory.Write("in/moved/deep/inner", "inner"u8);
        _directory.Write("in/gone", "gone"u8);
        Shell.Run("cd \"$1/in\" && ln -s text link && zip -qry -z ../a.zip . <<<'a comment' && tar cf ../a.tar *", _directory.Path).Succeeded();
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_zip_has_every_change_and_unzip_and_python_agree()
    {
        string archive = _directory["a.zip"];
        byte[] old = File.ReadAllBytes(archive);
        await using (CommitBench bench = await CommitBench.OpenAsync(archive))
        {
            await ChangeAsync(bench.Tree, removes: true);
            List<string> shown = await CommitBench.DescribeAsync(bench.Tree.FileSystem, isZip: true);
            await (await bench.CommitAsync()).RetireAsync();
            Assert.Equal(shown, await CommitBench.DescribeAsync(archive, isZip: true));
        }
        byte[] made = File.ReadAllBytes(archive);
        int directory = old.AsSpan().IndexOf("PK\x01\x02"u8);
        Assert.True(made.AsSpan().StartsWith(old.AsSpan(0, directory)), "what did not change was written anew");
        Shell.Run("unzip -tqq \"$1\" && unzip -z \"$1\" | grep -q 'a comment' && mkdir \"$2\" && cd \"$2\" && unzip -qq \"$1\"", archive, _directory["out"]).Succeeded();
        Assert.Equal("overwritten", File.ReadAllText(_directory["out/dir/sub/file"]));
        Assert.Equal("inner", File.ReadAllText(_directory["out/renamed/deep/inner"]));
        Assert.Equal(Text[..1000], File.ReadAllBytes(_directory["out/text"]));
        Assert.Equal("new", File.ReadAllText(_directory["out/made/linked"]));
        Assert.Equal("../text", new FileInfo(_directory["out/made/link"]).LinkTarget);
        Assert.False(Path.Exists(_directory["out/gone"]) || Path.Exists(_directory["out/moved"]));
        Shell.Run("python3 -c 'import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)' \"$1\"", archive).Succeeded();
        Assert.Equal(["a.zip", "a.zip.overlay"], Names().Where(name => name.Contains("a.zip", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tar_has_every_change_and_tar_and_python_agree(bool removes)
    {
        string archive = _directory["a.tar"];
        byte[] old = File.ReadAllBytes(archive);
        List<string> shown = await CommitBench.CommitAsync(archive, tree => ChangeAsync(tree, removes));
        Assert.Equal(shown, await CommitBench.DescribeAsync(archive));
        if (!removes)
        {
            int end = old.AsSpan().LastIndexOfAnyExcept((byte)0);
            Assert.True(File.ReadAllBytes(archive).AsSpan().StartsWith(old.AsSpan(0, end + 1)), "what did not change was written anew");
        }
        Shell.Run("mkdir \"$2\" && tar xf \"$1\" --no-same-owner -C \"$2\" && tar tvf \"$1\"", archive, _directory["out"]).Succeeded();
        Assert.Equal("overwritten", File.ReadAllText(_directory["out/dir/sub/file"]));
        Assert.Equal(removes, Path.Exists(_directory["out/renamed/deep/inner"]));
        Assert.Equal(Text[..1000], File.ReadAllBytes(_directory["out/text"]));
        Assert.Equal("../text", new FileInfo(_directory["out/made/link"]).LinkTarget);
        Assert.Equal(removes, !Path.Exists(_directory["out/gone"]));
        Assert.Equal("2", Shell.Run("stat -c %h \"$1\"", _directory["out/made/linked"]).Text.Trim());
        Assert.Equal("981173106.123456789", Shell.Run("date -r \"$1\" +%s.%N", _directory["out/dir/kept"]).Text.Trim());
        Shell.Run("python3 -c 'import sys, tarfile; [f.name for f in tarfile.open(sys.argv[1])]' \"$1\"", archive).Succeeded();
        Assert.Contains("SCHILY.xattr.user.color=blue\n", Encoding.Latin1.GetString(File.ReadAllBytes(archive)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zstd -q", "zstd -dc", ".tar.zst", false)]
    [InlineData("zstd -q", "zstd -dc", ".tar.zst", true)]
    [InlineData("gzip", "gzip -dc", ".tar.gz", false)]
    [InlineData("gzip", "gzip -dc", ".tar.gz", true)]
    public async Task A_compressed_tar_has_every_change_and_keeps_the_frames_before_the_first(string encode, string decode, string ending, bool removes)
    {
        string archive = _directory["c" + ending];
        // Three frames: the end of the archive is in the third.
        Shell.Run($"cd \"$1\" && head -c 150000 a.tar | {encode} >1; tail -c +150001 a.tar | head -c 100000 | {encode} >2; tail -c +250001 a.tar | {encode} >3; cat 1 2 3 >\"$2\"", _directory.Path, archive).Succeeded();
        long two = new FileInfo(_directory["1"]).Length + new FileInfo(_directory["2"]).Length;
        byte[] old = File.ReadAllBytes(archive);
        List<string> shown = await CommitBench.CommitAsync(archive, tree => ChangeAsync(tree, removes));
        Assert.Equal(shown, await CommitBench.DescribeAsync(archive));
        Shell.Run($"mkdir \"$2\" && {decode} \"$1\" | tar xf - --no-same-owner -C \"$2\"", archive, _directory["out"]).Succeeded();
        Assert.Equal("overwritten", File.ReadAllText(_directory["out/dir/sub/file"]));
        Assert.Equal(removes, !Path.Exists(_directory["out/gone"]));
        byte[] made = File.ReadAllBytes(archive);
        Assert.True(removes || made.AsSpan().CommonPrefixLength(old) >= two, "frames that did not change were written anew");
        // The next change leaves all of it but the last frame.
        await CommitBench.CommitAsync(archive, async tree => await tree.WriteAsync("made/linked", 0, "again"u8.ToArray()));
        Assert.True(File.ReadAllBytes(archive).AsSpan().CommonPrefixLength(made) > made.Length - 200);
    }

    [Theory]
    [InlineData("a.zip")]
    [InlineData("a.tar")]
    public async Task Commits_follow_each_other_and_one_of_nothing_changes_nothing(string name)
    {
        string archive = _directory[name];
        bool isZip = name == "a.zip";
        await CommitBench.CommitAsync(archive, tree => ChangeAsync(tree, removes: true));
        byte[] first = File.ReadAllBytes(archive);
        DateTime time = File.GetLastWriteTimeUtc(archive);
        await using (CommitBench bench = await CommitBench.OpenAsync(archive))
        {
            await bench.CommitAsync();
        }
        Assert.Equal(first, File.ReadAllBytes(archive));
        Assert.Equal(time, File.GetLastWriteTimeUtc(archive));
        await CommitBench.CommitAsync(archive, async tree =>
        {
            Assert.Equal(Errno.None, await tree.RenameAsync("renamed", "moved"));
            await tree.WriteAsync("text", 0, "again"u8.ToArray());
        });
        List<string> lines = await CommitBench.DescribeAsync(archive, isZip);
        Assert.Contains(lines, line => line.StartsWith("moved/deep/inner ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("renamed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a.zip")]
    [InlineData("a.tar")]
    public async Task A_file_that_replaces_a_directory_and_one_that_replaces_a_file_are_what_is_there(string name)
    {
        string archive = _directory[name];
        List<string> shown = await CommitBench.CommitAsync(archive, async tree =>
        {
            Assert.Equal(Errno.None, await tree.RenameAsync("short", "text"));
            Assert.Equal(Errno.None, await tree.UnlinkAsync("moved/deep/inner"));
            Assert.Equal(Errno.None, await tree.RemoveDirectoryAsync("moved/deep"));
            Assert.Equal(Errno.None, await tree.CreateAsync("moved/deep"));
            Assert.Equal(Errno.None, await tree.UnlinkAsync("gone"));
            Assert.Equal(Errno.None, await tree.MakeDirectoryAsync("gone"));
        });
        IEnumerable<string> Names(List<string> lines) => lines.Select(line => string.Join(' ', line.Split(' ')[..3]));
        Assert.Equal(Names(shown), Names(await CommitBench.DescribeAsync(archive)));
    }

    [Fact]
    public async Task What_a_kill_left_before_the_rename_is_made_by_the_next_commit_and_after_it_is_not_made_twice()
    {
        string archive = _directory["a.zip"];
        byte[] old = File.ReadAllBytes(archive);
        await using (CommitBench bench = await CommitBench.OpenAsync(archive))
        {
            await ChangeAsync(bench.Tree, removes: true);
            await Assert.ThrowsAsync<SourceException>(() => bench.CommitAsync(changes => new FailingChanges(changes)));
        }
        Assert.Equal(old, File.ReadAllBytes(archive));
        Assert.True(File.Exists(archive + ".overlay/committed"));
        _directory.Write(".a.zip.kaleidofs-0badcafe", "left by a process that was killed"u8);
        List<string> shown;
        await using (CommitBench bench = await CommitBench.OpenAsync(archive))
        {
            shown = await CommitBench.DescribeAsync(bench.Tree.FileSystem, isZip: true);
            Assert.Contains(shown, line => line.StartsWith("renamed/deep/inner ", StringComparison.Ordinal));
            // As if killed: nothing comes after the rename.
            await bench.CommitAsync();
        }
        Assert.DoesNotContain(Names(), name => name.Contains(".kaleidofs-", StringComparison.Ordinal));
        Assert.Equal(shown, await CommitBench.DescribeAsync(archive, isZip: true));
        await using (CommitBench bench = await CommitBench.OpenAsync(archive))
        {
            Assert.True((await bench.Tree.FileSystem.CollectChangesAsync()).IsEmpty);
            Assert.Equal(shown, await CommitBench.DescribeAsync(bench.Tree.FileSystem, isZip: true));
            Assert.Equal(Errno.None, await bench.Tree.CreateAsync("after"));
        }
        Assert.False(File.Exists(archive + ".overlay/committed"));
        await using (CommitBench bench = await CommitBench.OpenAsync(archive))
        {
            Assert.True((await bench.Tree.FindAsync("after")).IsOk);
        }
    }

    [Fact]
    public async Task The_archives_owner_and_mode_stay_and_a_link_to_it_is_followed()
    {
        File.CreateSymbolicLink(_directory["by-name.zip"], "a.zip");
        Shell.Run("chmod 640 \"$1\"", _directory["a.zip"]).Succeeded();
        string before = Shell.Run("stat -c '%a %u %g' \"$1\"", _directory["a.zip"]).Text;
        await CommitBench.CommitAsync(_directory["by-name.zip"], async tree => Assert.Equal(Errno.None, await tree.CreateAsync("x")));
        Assert.Equal(before, Shell.Run("stat -c '%a %u %g' \"$1\"", _directory["a.zip"]).Text);
        Assert.NotNull(new FileInfo(_directory["by-name.zip"]).LinkTarget);
        Assert.Contains(await CommitBench.DescribeAsync(_directory["a.zip"]), line => line.StartsWith("x ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tar cJf a.txz -C in .", "a.txz", "xz cannot be written")]
    [InlineData("gzip -c in/text >text.gz", "text.gz", "only a zip and a tar")]
    [InlineData("(gzip -c a.tar; echo more) >more.tgz", "more.tgz", "behind its gzip data")]
    [InlineData("(cat a.tar; echo more) | zstd -qo more.tar.zst", "more.tar.zst", "behind its end")]
    [InlineData("(cd in && zip -qr -P secret ../e.zip .)", "e.zip", "encrypted")]
    [InlineData("(cat a.tar; echo more) >more.tar", "more.tar", "behind its end")]
    [InlineData("(cd in && zip -qr -s 64k ../s.zip text && head -c 200000 /dev/urandom >r && zip -qr -s 64k ../v.zip r)", "v.zip", "volumes")]
    public async Task What_cannot_be_changed_is_refused_in_one_line_and_stays(string make, string name, string expected)
    {
        Shell.Run("cd \"$1\" && eval \"$2\"", _directory.Path, make).Succeeded();
        byte[] old = File.ReadAllBytes(_directory[name]);
        await using CommitBench bench = await CommitBench.OpenAsync(_directory[name]);
        Assert.Equal(Errno.None, await bench.Tree.CreateAsync("x"));
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => bench.CommitAsync());
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.Equal(old, File.ReadAllBytes(_directory[name]));
        Assert.DoesNotContain(Names(), file => file.Contains(".kaleidofs-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tar_whose_hard_link_would_lose_its_target_is_refused()
    {
        Shell.Run("cd \"$1/in\" && ln text zlink && tar cf ../l.tar text zlink", _directory.Path).Succeeded();
        await using CommitBench bench = await CommitBench.OpenAsync(_directory["l.tar"]);
        Assert.Equal(Errno.None, await bench.Tree.UnlinkAsync("text"));
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => bench.CommitAsync());
        Assert.Contains("zlink is a hard link to text", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_composed_tree_is_not_committed()
    {
        await using CommitBench bench = await CommitBench.OpenAsync(_directory["a.zip"], ("subdir", "dir"));
        Assert.Equal(Errno.None, await bench.Tree.CreateAsync("x"));
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => bench.CommitAsync());
        Assert.Contains("subdir", exception.Message, StringComparison.Ordinal);
        Assert.True(exception.IsUsageError);
    }

    private static async Task ChangeAsync(OverlaidTree tree, bool removes)
    {
        Assert.Equal(Errno.None, await tree.MakeDirectoryAsync("made"));
        Assert.Equal(Errno.None, await tree.CreateAsync("made/new"));
        await tree.WriteAsync("made/new", 0, "new"u8.ToArray());
        Assert.Equal(Errno.None, await tree.LinkAsync("made/new", "made/linked"));
        Assert.Equal(Errno.None, await tree.SymbolicLinkAsync("made/link", "../text"));
        Assert.Equal(Errno.None, await tree.CreateAsync("made/" + new string('n', 200)));
        Assert.Equal(Errno.None, await tree.CreateAsync("made/Grüße"));
        await tree.WriteAsync("made/Grüße", 0, TestContent.MakeText(4, 200_000));
        await tree.WriteAsync("dir/sub/file", 0, "overwritten"u8.ToArray());
        Assert.Equal(Errno.None, await tree.ChangeAsync("text", new AttributeChange { Size = 1000 }));
        Assert.Equal(Errno.None, await tree.ChangeAsync("dir/kept", new AttributeChange { Mode = 0x180, UserId = 5, GroupId = 3_000_000, ModificationTime = new Timestamp(981173106, 123456789) }));
        Assert.Equal(Errno.None, await tree.FileSystem.SetExtendedAttributeAsync(default, await tree.InodeAsync("made/new"), "user.color"u8.ToArray(), "blue"u8.ToArray(), 0));
        if (removes)
        {
            Assert.Equal(Errno.None, await tree.RenameAsync("moved", "renamed"));
            Assert.Equal(Errno.None, await tree.RenameAsync("short", "made/short"));
            Assert.Equal(Errno.None, await tree.UnlinkAsync("gone"));
        }
    }

    private IEnumerable<string> Names() => Directory.EnumerateFileSystemEntries(_directory.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>Fails where a kill would be worst: all is noted, and the archive not yet in its place.</summary>
    private sealed class FailingChanges(ChangeSet inner) : ChangeSet
    {
        public override IReadOnlyList<ReadOnlyMemory<byte>> Removed => inner.Removed;

        public override IReadOnlyList<ChangedEntry> Entries => inner.Entries;

        public override FileWriter Writer => inner.Writer;

        public override ValueTask<Errno> CopyAsync(ChangedEntry entry, Stream destination, CancellationToken cancellationToken) => inner.CopyAsync(entry, destination, cancellationToken);

        public override async ValueTask ConfirmAsync(string identity)
        {
            await inner.ConfirmAsync(identity);
            throw new IOException("as if killed");
        }
    }
}
