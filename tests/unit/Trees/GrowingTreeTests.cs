using System.Globalization;
using System.Text;
using Kaleidofs.Tests.Unit.Transforms.Overlay;
using Kaleidofs.Trees;

namespace Kaleidofs.Tests.Unit.Trees;

/// <summary>A tree that is served while it is built.</summary>
public sealed class GrowingTreeTests
{
    private readonly TreeBuilder _builder = new(new TreeNode { Mode = FileType.Directory | 0x1ED });
    private readonly TreeGrowth _growth;
    private readonly TaskCompletionSource<TreeFileSystem> _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();

    public GrowingTreeTests() => _growth = new TreeGrowth(_builder);

    [Fact]
    public async Task What_is_known_is_answered_at_once_and_not_cached()
    {
        await using GrowingTreeFileSystem growing = Serve();
        Add("a/one", 1);
        Result<Entry> directory = Now(growing.LookupAsync(default, FileSystem.RootInode, "a"u8.ToArray()));
        Result<Entry> file = Now(growing.LookupAsync(default, directory.Value.Attributes.Inode, "one"u8.ToArray()));
        Assert.Equal((1UL, FileType.Regular, CacheTime.None, CacheTime.None), (file.Value.Attributes.Size, file.Value.Attributes.Mode & FileType.Mask, file.Value.NameTime, file.Value.AttributeTime));
        Assert.Equal(1UL, Now(growing.GetAttributesAsync(default, file.Value.Attributes.Inode, null)).Value.Attributes.Size);
        Assert.Equal(directory.Value.Attributes.Inode, Now(growing.GetParentAsync(default, file.Value.Attributes.Inode)).Value);
        Assert.Equal(OpenOptions.None, Now(growing.OpenDirectoryAsync(default, directory.Value.Attributes.Inode)).Value.Options);
        Assert.Equal(Errno.ENODATA, Now(growing.GetExtendedAttributeAsync(default, file.Value.Attributes.Inode, "user.x"u8.ToArray())).Errno);
        // A later one takes the name.
        Add("a/one", 2);
        Assert.Equal(2UL, Now(growing.LookupAsync(default, directory.Value.Attributes.Inode, "one"u8.ToArray())).Value.Attributes.Size);
        Complete();
    }

    [Fact]
    public async Task A_name_that_is_not_known_yet_waits_until_it_comes_or_cannot_come_any_more()
    {
        await using GrowingTreeFileSystem growing = Serve();
        Task<Result<Entry>> comes = growing.LookupAsync(default, FileSystem.RootInode, "comes"u8.ToArray()).AsTask();
        Task<Result<Entry>> never = growing.LookupAsync(default, FileSystem.RootInode, "never"u8.ToArray()).AsTask();
        Assert.NotSame(comes, await Task.WhenAny(comes, Task.Delay(50)));
        Add("comes", 7);
        Assert.Equal(7UL, (await comes.WaitAsync(TimeSpan.FromSeconds(30))).Value.Attributes.Size);
        Assert.False(never.IsCompleted);
        Complete();
        Assert.Equal(0UL, (await never.WaitAsync(TimeSpan.FromSeconds(30))).Value.Attributes.Inode);
        Assert.Equal(CacheTime.Forever, (await growing.LookupAsync(default, FileSystem.RootInode, "comes"u8.ToArray())).Value.NameTime);
    }

    [Fact]
    public async Task Who_waits_can_be_interrupted()
    {
        await using GrowingTreeFileSystem growing = Serve();
        using CancellationTokenSource caller = new();
        RequestContext context = new(0, 0, 0, new Interruption(caller.Token));
        Task<Result<Entry>> lookup = growing.LookupAsync(context, FileSystem.RootInode, "never"u8.ToArray()).AsTask();
        Task<Errno> read = growing.ReadAsync(context, FileSystem.RootInode, 0, 0, new ArrayPayloadWriter(10)).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lookup);
        Assert.Equal(Errno.EINTR, await read);
        Complete();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(1000)]
    public async Task A_listing_gives_what_is_there_and_ends_when_all_is(int room)
    {
        await using GrowingTreeFileSystem growing = Serve();
        Task<List<string>> listing = ListAsync(growing, room);
        for (int i = 0; i < 40; i++)
        {
            Add($"{i}", i);
            Add($"elsewhere/{i}", i);
            await Task.Delay(1);
        }
        Assert.False(listing.IsCompleted);
        Complete();
        string[] expected = ["0", "elsewhere", .. Enumerable.Range(1, 39).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        Assert.Equal(expected, await listing.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(expected, await ListAsync(growing, room));
    }

    [Fact]
    public async Task A_listing_that_was_begun_goes_on_behind_the_same_entry_when_the_tree_is_complete()
    {
        await using GrowingTreeFileSystem growing = Serve();
        Add("a", 1);
        Add("b", 1);
        Add("c", 1);
        Add("a", 2);
        ListedNames first = new(2);
        Assert.Equal(Errno.None, await growing.ListAsync(default, FileSystem.RootInode, 0, 0, first));
        Assert.Equal(["b", "c"], first.All.Select(entry => entry.Name));
        Add("d", 1);
        Complete();
        await growing.Completion;
        ListedNames rest = new(10);
        Assert.Equal(Errno.None, await growing.ListAsync(default, FileSystem.RootInode, 0, first.Cookie, rest));
        Assert.Equal(["a", "d"], rest.All.Select(entry => entry.Name));
        // A cookie that was never given out.
        Assert.Equal(Errno.None, await growing.ListAsync(default, FileSystem.RootInode, 0, (1UL << 61) | uint.MaxValue, new ListedNames(10)));
    }

    [Fact]
    public async Task Cookies_that_were_never_given_out_do_no_harm()
    {
        await using GrowingTreeFileSystem growing = Serve(listsParts: true);
        Add("a/b", 1);
        foreach (ulong cookie in (ulong[])[1, 2, 3, 4, int.MaxValue, uint.MaxValue, 1UL << 61, (1UL << 61) | 1, (1UL << 61) | 2, (1UL << 61) | uint.MaxValue, ulong.MaxValue >> 2])
        {
            Assert.Equal(Errno.None, await growing.ListAsync(default, FileSystem.RootInode, 0, cookie, new ListedNames(10)));
        }
        Complete();
    }

    [Fact]
    public async Task Who_wants_parts_gets_parts()
    {
        await using GrowingTreeFileSystem growing = Serve(listsParts: true);
        Assert.Empty(await ListAsync(growing, 3));
        Add("a", 1);
        Assert.Equal(["a"], await ListAsync(growing, 3));
        Complete();
    }

    [Fact]
    public async Task What_needs_the_whole_waits_for_it()
    {
        await using GrowingTreeFileSystem growing = Serve();
        Add("file", 3);
        ulong inode = Now(growing.LookupAsync(default, FileSystem.RootInode, "file"u8.ToArray())).Value.Attributes.Inode;
        ArrayPayloadWriter content = new(10);
        Task<Errno> read = growing.ReadAsync(default, inode, 0, 0, content).AsTask();
        Assert.NotSame(read, await Task.WhenAny(read, Task.Delay(30)));
        Assert.Equal((0.25, "", false), (growing.Progress, growing.Info.Identity, growing.Completion.IsCompleted));
        Complete();
        Assert.Equal(Errno.None, await read);
        Assert.Equal("xxx", Encoding.ASCII.GetString(content.Content.Span));
        Assert.Equal((1.0, "tree:1"), (growing.Progress, growing.Info.Identity));
    }

    [Fact]
    public async Task A_source_that_turns_out_to_be_damaged_is_EIO_from_then_on()
    {
        await using GrowingTreeFileSystem growing = Serve();
        Add("file", 3);
        Task<Result<Entry>> waiting = growing.LookupAsync(default, FileSystem.RootInode, "never"u8.ToArray()).AsTask();
        _whole.SetException(new SourceException("its checksum is wrong"));
        Assert.Equal(Errno.EIO, (await waiting).Errno);
        await Assert.ThrowsAsync<SourceException>(() => growing.Completion);
        Assert.Equal(Errno.EIO, (await growing.LookupAsync(default, FileSystem.RootInode, "file"u8.ToArray())).Errno);
        Assert.Equal(Errno.EIO, (await growing.GetAttributesAsync(default, FileSystem.RootInode, null)).Errno);
        Assert.Equal(Errno.EIO, await growing.ListAsync(default, FileSystem.RootInode, 0, 0, new ListedNames(10)));
    }

    [Fact]
    public async Task Closing_it_ends_the_making()
    {
        GrowingTreeFileSystem growing = Serve();
        using CancellationTokenRegistration end = _end.Token.Register(() => _whole.SetCanceled());
        await growing.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(_whole.Task.IsCanceled);
    }

    [Fact]
    public async Task Many_look_while_one_adds_and_all_see_what_is_there()
    {
        await using GrowingTreeFileSystem growing = Serve();
        Task<List<string>>[] listings = [.. Enumerable.Range(0, 4).Select(reader => Task.Run(() => ListAsync(growing, 5 + reader)))];
        Task<Result<Entry>>[] lookups = [.. Enumerable.Range(0, 50).Select(i => growing.LookupAsync(default, FileSystem.RootInode, Encoding.ASCII.GetBytes($"file {i * 400}")).AsTask())];
        for (int i = 0; i < 20_000; i++)
        {
            Add($"file {i}", i);
        }
        Complete();
        foreach (Task<List<string>> listing in listings)
        {
            Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"file {i}"), await listing.WaitAsync(TimeSpan.FromSeconds(60)));
        }
        for (int i = 0; i < lookups.Length; i++)
        {
            Assert.Equal((ulong)i * 400, (await lookups[i].WaitAsync(TimeSpan.FromSeconds(60))).Value.Attributes.Size);
        }
    }

    private GrowingTreeFileSystem Serve(bool listsParts = false) => new(_growth, _whole.Task, () => 0.25, _end) { ListsParts = listsParts };

    private void Add(string path, long size)
    {
        using (_growth.Enter())
        {
            Assert.Equal(PathRefusal.None, _builder.Add(Encoding.UTF8.GetBytes(path), new TreeNode { Mode = FileType.Regular | 0x1A4, Size = size }, out _));
        }
    }

    private void Complete()
    {
        using (_growth.Enter())
        {
            _builder.Build();
        }
        _whole.SetResult(new Filled(_builder.Tree));
    }

    private static T Now<T>(ValueTask<T> operation)
    {
        Assert.True(operation.IsCompletedSuccessfully);
        return operation.Result;
    }

    private static async Task<List<string>> ListAsync(FileSystem fileSystem, int room)
    {
        List<string> names = [];
        ulong cookie = 0;
        while (true)
        {
            ListedNames piece = new(room);
            Assert.Equal(Errno.None, await fileSystem.ListAsync(default, FileSystem.RootInode, 0, cookie, piece));
            if (piece.All.Count == 0)
            {
                return names;
            }
            names.AddRange(piece.All.Select(entry => entry.Name));
            cookie = piece.Cookie;
        }
    }

    private sealed class Filled(Tree tree) : TreeFileSystem(tree, "tree:1")
    {
        protected override ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        {
            destination.Write(Encoding.ASCII.GetBytes(new string('x', count)));
            return new(Errno.None);
        }
    }

    private sealed class Interruption(CancellationToken token) : IRequestCancellation
    {
        public CancellationToken Token => token;
    }
}
