using System.Text.Json;
using Kaleidofs.Drivers.Llm;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Memory;
using Kaleidofs.Tests.Unit.Transforms.Overlay;

namespace Kaleidofs.Tests.Unit.Llm;

/// <summary>What a world promises, with the generator that needs no network.</summary>
public sealed class EmbeddedWorldTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_generated_is_the_same_for_ever()
    {
        List<string> first;
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, options: "depth=2"))
        {
            first = await world.ReadAllAsync();
            Assert.Equal(first, await world.ReadAllAsync());
        }
        Assert.True(first.Count > 20);
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, options: "depth=2"))
        {
            Assert.Equal(first, await world.ReadAllAsync());
        }
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, options: "frozen"))
        {
            Assert.Equal(first, await world.ReadAllAsync());
        }
    }

    [Fact]
    public async Task The_order_of_looking_changes_nothing_but_numbers()
    {
        static string Content(string line) => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split(' ', 5)[^1];
        await using OpenedWorld one = await OpenedWorld.OpenAsync(_folder.At("one"), options: "depth=1");
        await using OpenedWorld other = await OpenedWorld.OpenAsync(_folder.At("other"), options: "depth=1");
        foreach (string name in Enumerable.Reverse(await other.ListAsync("")))
        {
            await other.TryListAsync(name);
            await other.TryReadAsync(name);
        }
        Assert.Equal((await one.ReadAllAsync()).Select(Content), (await other.ReadAllAsync()).Select(Content));
    }

    [Fact]
    public async Task Worlds_differ_by_premise_and_seed()
    {
        await using OpenedWorld one = await OpenedWorld.OpenAsync(_folder.Path, "a library");
        await using OpenedWorld other = await OpenedWorld.OpenAsync(_folder.Path, "another library");
        await using OpenedWorld seeded = await OpenedWorld.OpenAsync(_folder.Path, "a library", options: "seed=2");
        string[] readMes = [await one.ReadAsync("README.md"), await other.ReadAsync("README.md"), await seeded.ReadAsync("README.md")];
        Assert.Equal(3, readMes.Distinct().Count());
    }

    [Fact]
    public async Task A_frozen_world_generates_and_changes_nothing()
    {
        SourceException none = await Assert.ThrowsAsync<SourceException>(() => OpenedWorld.OpenAsync(_folder.Path, options: "frozen"));
        Assert.Contains("no world", none.Message, StringComparison.Ordinal);
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path);
        await world.ReadAsync("README.md");
        // While another process may write it.
        await using OpenedWorld frozen = await OpenedWorld.OpenAsync(_folder.Path, options: "frozen");
        Assert.Equal(await world.ListAsync(""), await frozen.ListAsync(""));
        Assert.Equal(await world.ReadAsync("README.md"), await frozen.ReadAsync("README.md"));
        string directory = (await frozen.TryListAsync("")).Value.First(entry => entry.Attributes.IsDirectory).Name;
        string file = (await frozen.TryListAsync("")).Value.Last(entry => entry.Attributes.IsRegularFile).Name;
        Assert.Equal(Errno.ENODATA, (await frozen.TryListAsync(directory)).Errno);
        Assert.Equal(Errno.ENODATA, (await frozen.TryReadAsync(file)).Errno);
        Assert.Equal(Errno.EROFS, await frozen.WriteAsync("new.txt", "text"));
        Assert.Equal(Errno.EROFS, await frozen.RemoveAsync("README.md"));
        Assert.Equal(Errno.EROFS, await frozen.PromptAsync("README.md", "again"));
        Assert.True(frozen.FileSystem.Info.IsReadOnly);
    }

    [Fact]
    public async Task A_size_is_final_or_not_claimed()
    {
        // Bounded, it costs something to know a size.
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, options: "calls=1000");
        ulong inode = await world.GetInodeAsync("README.md");
        CachedAttributes before = (await world.FileSystem.GetAttributesAsync(default, inode, null)).Value;
        // What it can become, and that nothing of it is there.
        Assert.Equal((64ul << 10, 0ul, CacheTime.None), (before.Attributes.Size, before.Attributes.Blocks, before.Time));
        OpenedFile opened = (await world.FileSystem.OpenAsync(default, inode, OpenFlags.ReadOnly)).Value;
        Assert.Equal(OpenOptions.DirectIO, opened.Options);
        CachedAttributes after = (await world.FileSystem.GetAttributesAsync(default, inode, opened.Handle)).Value;
        Assert.Equal((await world.TryReadAsync(inode)).Value.Length, (int)after.Attributes.Size);
        Assert.NotEqual(CacheTime.None, after.Time);
        Assert.Equal(before.Attributes.ModificationTime, after.Attributes.ModificationTime);
        Assert.Equal(OpenOptions.KeepCache, (await world.FileSystem.OpenAsync(default, inode, OpenFlags.ReadOnly)).Value.Options);
    }

    [Fact]
    public async Task A_size_that_costs_nothing_is_known_before_the_file_is_opened()
    {
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path);
        foreach (string name in await world.ListAsync(""))
        {
            Attributes attributes = await world.StatAsync(name);
            if (!attributes.IsDirectory)
            {
                Assert.Equal((int)attributes.Size, (await world.TryReadAsync(await world.GetInodeAsync(name))).Value.Length);
            }
        }
    }

    [Fact]
    public async Task Looking_up_and_stat_never_generate_what_costs_something()
    {
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, options: "calls=1000");
        foreach (string name in await world.ListAsync(""))
        {
            await world.FindAsync(name);
            await world.StatAsync(name);
        }
        Assert.Equal(Errno.ENOENT, (await world.FindAsync("nothing of that name")).Errno);
        Assert.StartsWith("calls=1 ", await world.GetAttributeAsync("", "spent"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crawl_ends_at_the_budget_and_a_restart_wins_nothing()
    {
        RecordingLog log = new();
        List<string> readable = [];
        for (int start = 0; start < 2; start++)
        {
            await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, log: log, options: "calls=4");
            int refused = 0;
            foreach (string name in await world.ListAsync(""))
            {
                Errno errno = (await world.StatAsync(name)).IsDirectory ? (await world.TryListAsync(name)).Errno : (await world.TryReadAsync(name)).Errno;
                Assert.True(errno is Errno.None or Errno.EDQUOT, $"{errno}");
                refused += errno == Errno.EDQUOT ? 1 : 0;
                if (errno == Errno.None)
                {
                    readable.Add(name);
                }
            }
            Assert.True(refused > 0);
            Assert.StartsWith("calls=4 ", await world.GetAttributeAsync("", "spent"), StringComparison.Ordinal);
        }
        // Three beside the root's listing; the same ones after the restart.
        Assert.Equal(6, readable.Count);
        Assert.Equal(3, readable.Distinct().Count());
        Assert.Equal(2, log.Lines.Count(line => line.Contains("4 calls an hour", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Depth_entries_and_bytes_are_bounded()
    {
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, options: ["depth=0", "entries=3", "file-bytes=100"]);
        List<(string Name, Attributes Attributes)> entries = (await world.TryListAsync("")).Value;
        Assert.Equal(3, entries.Count);
        Assert.DoesNotContain(entries, entry => entry.Attributes.IsDirectory);
        Assert.Equal(Errno.EDQUOT, (await world.TryReadAsync("README.md")).Errno);
        Assert.Contains("100 bytes", await world.GetAttributeAsync("README.md", "error"), StringComparison.Ordinal);
        Assert.Equal(0ul, (await world.StatAsync("README.md")).Blocks);
    }

    [Fact]
    public async Task A_README_agrees_with_the_listing_beside_it()
    {
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path);
        string text = await world.ReadAsync("README.md");
        Assert.All((await world.ListAsync("")).Where(name => name != "README.md"), name => Assert.Contains(name, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Contents_are_of_their_kind()
    {
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, _folder.Write("world.toml", """
            premise = "samples"
            [[entry]]
            path = "a.json"
            [[entry]]
            path = "a.csv"
            [[entry]]
            path = "a.png"
            [[entry]]
            path = "deep/er/a.py"
            [[entry]]
            path = "motd"
            text = "exactly this\n"
            """));
        JsonDocument.Parse(await world.ReadAsync("a.json")).Dispose();
        string[] rows = (await world.ReadAsync("a.csv")).TrimEnd('\n').Split('\n');
        Assert.Single(rows.Select(row => row.Count(character => character == ',')).Distinct());
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], (await world.TryReadAsync("a.png")).Value[..8]);
        Assert.Contains("def ", await world.ReadAsync("deep/er/a.py"), StringComparison.Ordinal);
        Assert.Equal("exactly this\n", await world.ReadAsync("motd"));
        Assert.Equal(13ul, (await world.StatAsync("motd")).Size);
    }

    [Fact]
    public async Task Shares_of_one_process_see_one_world_and_other_processes_are_kept_out()
    {
        LlmDriver driver = new();
        await using OpenedWorld one = await OpenedWorld.OpenAsync(_folder.Path, driver: driver);
        await using OpenedWorld other = await OpenedWorld.OpenAsync(_folder.Path, driver: driver);
        Task<List<string>>[] both = [one.ReadAllAsync(), other.ReadAllAsync()];
        await Task.WhenAll(both);
        Assert.Equal(await both[0], await both[1]);
        Assert.Equal(Errno.None, await one.WriteAsync("new.txt", "of one"));
        Assert.Equal("of one", await other.ReadAsync("new.txt"));
        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => OpenedWorld.OpenAsync(_folder.Path));
        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(200)]
    public async Task What_a_crash_cut_off_is_generated_again(int cut)
    {
        List<string> first;
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, options: "depth=1"))
        {
            first = await world.ReadAllAsync();
        }
        string journal = Directory.GetFiles(_folder.Path, "journal", SearchOption.AllDirectories).Single();
        using (FileStream file = new(journal, FileMode.Open))
        {
            file.SetLength(file.Length - cut);
        }
        RecordingLog log = new();
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, log: log, options: "depth=1"))
        {
            Assert.Equal(first, await world.ReadAllAsync());
        }
        Assert.Contains(log.Lines, line => line.Contains("cut off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_journal_of_something_else_is_refused()
    {
        await using (await OpenedWorld.OpenAsync(_folder.Path))
        {
        }
        string journal = Directory.GetFiles(_folder.Path, "journal", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(journal, "not a journal at all");
        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => OpenedWorld.OpenAsync(_folder.Path));
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
        Assert.Equal("not a journal at all", await File.ReadAllTextAsync(journal));
    }

    [Fact]
    public async Task What_users_do_stays_and_the_model_never_touches_it()
    {
        List<string> before;
        string gone;
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path))
        {
            List<(string Name, Attributes Attributes)> entries = (await world.TryListAsync("")).Value;
            string directory = entries.First(entry => entry.Attributes.IsDirectory).Name;
            gone = entries.Last(entry => entry.Attributes.IsRegularFile).Name;
            Assert.Equal(Errno.None, await world.MakeDirectoryAsync("mine"));
            Assert.Empty(await world.ListAsync("mine"));
            Assert.Equal(Errno.None, await world.WriteAsync("mine/note.txt", "hello"));
            Assert.Equal(Errno.None, await world.WriteAsync("mine/note.txt", "p", offset: 3, truncates: false));
            Assert.Equal(Errno.None, await world.RenameAsync("mine/note.txt", $"{directory}/note.txt"));
            Assert.Equal(Errno.None, await world.RemoveAsync(gone));
            Assert.Equal(Errno.ENOTEMPTY, await world.RemoveAsync(directory));
            // Longer than what was generated, and over its beginning only.
            string generated = await world.ReadAsync("README.md");
            Assert.Equal(Errno.None, await world.WriteAsync("README.md", "# Ours", truncates: false));
            Assert.Equal("# Ours" + generated[6..], await world.ReadAsync("README.md"));
            Assert.Null(await world.GetAttributeAsync("README.md", "generated"));
            Assert.Equal(Errno.EINVAL, await world.RenameAsync(directory, $"{directory}/within"));
            Assert.Equal("helpo", await world.ReadAsync($"{directory}/note.txt"));
            before = await world.ReadAllAsync();
        }
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path))
        {
            Assert.Equal(before, await world.ReadAllAsync());
            Assert.Equal(Errno.ENOENT, (await world.FindAsync(gone)).Errno);
        }
    }

    [Fact]
    public async Task A_name_that_is_removed_stays_readable_while_it_is_open()
    {
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path);
        await world.WriteAsync("mine.txt", "text");
        ulong inode = await world.GetInodeAsync("mine.txt");
        OpenedFile opened = (await world.FileSystem.OpenAsync(default, inode, OpenFlags.ReadOnly)).Value;
        Assert.Equal(Errno.None, await world.RemoveAsync("mine.txt"));
        ArrayPayloadWriter payload = new(10);
        Assert.Equal(Errno.None, await world.FileSystem.ReadAsync(default, inode, opened.Handle, 0, payload));
        Assert.Equal("text"u8.ToArray(), payload.Content.ToArray());
        await world.FileSystem.ReleaseAsync(default, inode, opened.Handle);
        Assert.Equal(Errno.ESTALE, (await world.FileSystem.GetAttributesAsync(default, inode, null)).Errno);
    }

    [Fact]
    public async Task A_file_is_generated_anew_on_demand_and_the_old_one_is_kept()
    {
        string old;
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, options: "calls=1000"))
        {
            old = await world.ReadAsync("README.md");
            Assert.Equal(Errno.None, await world.PromptAsync("README.md", "make it darker"));
            Assert.Equal(0ul, (await world.StatAsync("README.md")).Blocks);
            string darker = await world.ReadAsync("README.md");
            Assert.Contains("make it darker", darker, StringComparison.Ordinal);
            Assert.Equal(old, await world.ReadAsync(".history/README.md.1"));
            Assert.Equal(Errno.None, await world.PromptAsync("README.md", "lighter"));
            Assert.Equal(darker, await world.ReadAsync(".history/README.md.2"));
            Assert.Equal(Errno.EINVAL, await world.PromptAsync(".history/README.md.2", "no"));
            Assert.Equal(Errno.EOPNOTSUPP, await world.FileSystem.SetExtendedAttributeAsync(default, await world.GetInodeAsync("README.md"), "user.other"u8.ToArray(), "x"u8.ToArray(), 0));
        }
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path))
        {
            Assert.Equal(old, await world.ReadAsync(".history/README.md.1"));
            Assert.Equal("lighter", await world.GetAttributeAsync("README.md", "prompt"));
            Assert.Contains("lighter", await world.ReadAsync("README.md"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_user_wrote_outlives_a_damaged_journal_and_the_starts_after_it()
    {
        string journal;
        long whole;
        await using (OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path))
        {
            await world.ListAsync("");
            journal = Directory.GetFiles(_folder.Path, "journal", SearchOption.AllDirectories).Single();
            whole = new FileInfo(journal).Length;
            Assert.Equal(Errno.None, await world.WriteAsync("mine", "my own words"));
        }
        using (FileStream file = new(journal, FileMode.Open))
        {
            // The checksum of the change that made it.
            file.Position = whole + sizeof(uint);
            int before = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)~before);
        }
        for (int start = 0; start < 2; start++)
        {
            await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path);
            Assert.Equal(Errno.ENOENT, (await world.FindAsync("mine")).Errno);
            Assert.Equal(Errno.None, await world.WriteAsync($"other {start}", "other words"));
        }
        string kept = Path.Combine(Path.GetDirectoryName(journal)!, "data.cut-off");
        Assert.Equal(["my own words"], Directory.GetFiles(kept).Select(File.ReadAllText));
    }

    [Fact]
    public async Task What_is_appended_goes_to_the_end_wherever_the_kernel_takes_that_to_be()
    {
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, options: "calls=1000");
        ulong inode = await world.GetInodeAsync("README.md");
        ulong supposed = (await world.StatAsync("README.md")).Size;
        OpenedFile opened = (await world.FileSystem.OpenAsync(default, inode, OpenFlags.WriteOnly | OpenFlags.Append)).Value;
        Assert.Equal(5, (await world.FileSystem.WriteAsync(default, inode, opened.Handle, (long)supposed, new ArrayReader("mine\n"u8.ToArray()))).Value);
        Assert.Equal(Errno.None, await world.FileSystem.ReleaseAsync(default, inode, opened.Handle));
        string content = await world.ReadAsync("README.md");
        Assert.EndsWith("mine\n", content, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', content);
    }

    [Fact]
    public async Task Generated_content_says_that_it_is()
    {
        await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path);
        Assert.Equal("1", await world.GetAttributeAsync("README.md", "generated"));
        Assert.Equal("named", await world.GetAttributeAsync("README.md", "state"));
        await world.ReadAsync("README.md");
        Assert.Equal("final", await world.GetAttributeAsync("README.md", "state"));
        Assert.Equal("embedded", await world.GetAttributeAsync("README.md", "model"));
        Assert.Equal(64, (await world.GetAttributeAsync("README.md", "prompt_sha256"))?.Length);
        Assert.Equal("embedded", await world.GetAttributeAsync("", "model"));
        await world.WriteAsync("mine.txt", "text");
        Assert.Null(await world.GetAttributeAsync("mine.txt", "generated"));
    }
}
