namespace Kaleidofs.Tests.Unit.Paths;

/// <summary>The table of paths: what it believes, for how long, and what it asks.</summary>
public sealed class PathFileSystemTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private readonly RemotePaths _paths;

    public PathFileSystemTests() => _paths = new RemotePaths(_clock);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _paths.DisposeAsync();

    [Fact]
    public async Task A_listing_that_is_longer_than_the_table_usually_is_names_all()
    {
        const int Count = 150_000;
        for (int i = 0; i < Count; i++)
        {
            _paths.Source[$"f{i}"] = i;
        }
        Assert.Equal(Count, (await _paths.ListAsync()).Distinct().Count());
        Assert.Equal(Count, (await _paths.ListAsync(room: 1000)).Distinct().Count());
    }

    [Fact]
    public async Task A_name_is_asked_for_once_while_its_time_lasts_and_keeps_its_number()
    {
        _paths.Source["a"] = 1;
        ulong inode = (await _paths.FindAsync("a")).Value.Attributes.Inode;
        _paths.Source["a"] = 2;
        _clock.Advance(9);
        Entry again = (await _paths.FindAsync("a")).Value;
        Assert.Equal(1u, again.Attributes.Size);
        Assert.Equal(1000u, again.NameTime.Milliseconds);
        Assert.Equal(["a"], _paths.Asked);
        _clock.Advance(2);
        Entry changed = (await _paths.FindAsync("a")).Value;
        Assert.Equal((inode, 2u), (changed.Attributes.Inode, changed.Attributes.Size));
    }

    [Fact]
    public async Task An_absent_name_is_believed_absent_for_its_own_time()
    {
        Entry absent = (await _paths.FindAsync("a")).Value;
        Assert.Equal((0u, 4000u), (absent.Attributes.Inode, absent.NameTime.Milliseconds));
        _paths.Source["a"] = 1;
        Assert.Equal(0u, (await _paths.FindAsync("a")).Value.Attributes.Inode);
        Assert.Single(_paths.Asked);
        _clock.Advance(5);
        Assert.NotEqual(0u, (await _paths.FindAsync("a")).Value.Attributes.Inode);
    }

    [Fact]
    public async Task Absent_names_are_not_remembered_without_bound()
    {
        for (int name = 0; name < 20_000; name++)
        {
            await _paths.FindAsync($"absent{name}");
        }
        Assert.Equal(1, _paths.Known);
        _paths.Asked.Clear();
        await _paths.FindAsync("absent0");
        await _paths.FindAsync("absent19999");
        Assert.Equal(["absent0"], _paths.Asked);
    }

    [Fact]
    public async Task Who_asks_for_the_same_name_at_once_shares_one_answer()
    {
        _paths.Source["a"] = 1;
        TaskCompletionSource gate = new();
        _paths.Late = _ => gate.Task;
        Task<Result<Entry>>[] waiting = [.. Enumerable.Range(0, 20).Select(_ => _paths.FindAsync("a"))];
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        gate.SetResult();
        Result<Entry>[] entries = await Task.WhenAll(waiting);
        Assert.Single(_paths.Asked);
        Assert.Single(entries.Select(entry => entry.Value.Attributes.Inode).Distinct());
    }

    [Fact]
    public async Task A_listing_answers_for_names_that_are_there_and_for_all_others()
    {
        _paths.Source["a"] = 1;
        _paths.Source["d"] = -1;
        _paths.Source["d/x"] = 7;
        Assert.Equal(["a", "d"], await _paths.ListAsync());
        Assert.Equal(1u, (await _paths.FindAsync("a")).Value.Attributes.Size);
        Assert.Equal(0u, (await _paths.FindAsync("b")).Value.Attributes.Inode);
        Assert.Equal(["a", "d"], await _paths.ListAsync());
        Assert.Equal(["*"], _paths.Asked);
        Assert.Equal(7u, (await _paths.FindAsync("d/x")).Value.Attributes.Size);
    }

    [Fact]
    public async Task A_later_listing_takes_away_what_is_gone()
    {
        _paths.Source["a"] = 1;
        _paths.Source["b"] = 1;
        ulong inode = (await _paths.FindAsync("a")).Value.Attributes.Inode;
        await _paths.ListAsync();
        _paths.Source.TryRemove("a", out _);
        _clock.Advance(11);
        Assert.Equal(["b"], await _paths.ListAsync());
        Assert.Equal(0u, (await _paths.FindAsync("a")).Value.Attributes.Inode);
        Assert.Equal(Errno.ESTALE, (await _paths.GetAttributesAsync(default, inode, null)).Errno);
    }

    [Fact]
    public async Task Entries_come_while_the_rest_is_still_read_and_each_once_in_any_page_size()
    {
        for (int name = 0; name < 100; name++)
        {
            _paths.Source[$"f{name:D3}"] = name;
        }
        TaskCompletionSource gate = new();
        _paths.Late = name => name == "f050*" ? gate.Task : Task.CompletedTask;
        int seen = 0;
        Task<List<string>> listing = _paths.ListAsync(room: 7, between: count =>
        {
            seen = count;
            if (count == 51)
            {
                gate.TrySetResult();
            }
        });
        Assert.Equal(_paths.Source.Keys.Order(StringComparer.Ordinal), await listing.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(100, seen);
    }

    [Fact]
    public async Task What_is_made_or_removed_here_is_not_undone_by_an_older_answer()
    {
        TaskCompletionSource gate = new();
        _paths.Source["removed"] = 1;
        _paths.Late = _ => gate.Task;
        Task<Result<Entry>> made = _paths.FindAsync("made");
        Task<Result<Entry>> removed = _paths.FindAsync("removed");
        while (_paths.Asked.Count < 2)
        {
            await Task.Yield();
        }
        _paths.Make("made", 5);
        _paths.Source["made"] = 5;
        _paths.Drop("removed");
        _paths.Source.TryRemove("removed", out _);
        gate.SetResult();
        Assert.Equal(5u, (await made).Value.Attributes.Size);
        Assert.Equal(0u, (await removed).Value.Attributes.Inode);
    }

    [Fact]
    public async Task What_is_made_or_removed_here_is_in_a_listing_that_began_before()
    {
        _paths.Source["a"] = 1;
        _paths.Source["b"] = 1;
        _paths.Source["c"] = 1;
        TaskCompletionSource gate = new();
        _paths.Late = name => name == "a*" ? gate.Task : Task.CompletedTask;
        Task<List<string>> listing = _paths.ListAsync(room: 1);
        while (_paths.Asked.IsEmpty)
        {
            await Task.Yield();
        }
        _paths.Drop("c");
        _paths.Make("new", 1);
        gate.SetResult();
        Assert.Equal(["a", "b", "new"], (await listing).Order());
        Assert.Equal(["a", "b", "new"], (await _paths.ListAsync()).Order());
        Assert.Single(_paths.Asked);
    }

    [Fact]
    public async Task A_path_that_becomes_something_else_is_another_inode()
    {
        _paths.Source["a"] = 1;
        ulong file = (await _paths.FindAsync("a")).Value.Attributes.Inode;
        _paths.Source["a"] = -1;
        _clock.Advance(11);
        Entry directory = (await _paths.FindAsync("a")).Value;
        Assert.True(directory.Attributes.IsDirectory);
        Assert.NotEqual(file, directory.Attributes.Inode);
        Assert.Equal(Errno.ESTALE, (await _paths.GetAttributesAsync(default, file, null)).Errno);
    }

    [Fact]
    public async Task What_is_held_is_as_this_process_says_until_it_is_released()
    {
        Kaleidofs.Paths.PathNode node = _paths.Make("a", 5);
        _paths.Hold(node);
        _clock.Advance(100);
        Assert.Equal(["a"], await _paths.ListAsync());
        Assert.Equal(5u, (await _paths.FindAsync("a")).Value.Attributes.Size);
        _paths.Unhold(node);
        _clock.Advance(100);
        Assert.Equal(0u, (await _paths.FindAsync("a")).Value.Attributes.Inode);
    }

    [Fact]
    public async Task What_is_moved_keeps_its_number_and_its_children()
    {
        _paths.Source["d"] = -1;
        _paths.Source["d/x"] = 7;
        ulong directory = (await _paths.FindAsync("d")).Value.Attributes.Inode;
        ulong inode = (await _paths.FindAsync("d/x")).Value.Attributes.Inode;
        _paths.Rename(directory, _paths.Root, "e");
        Assert.Equal(directory, (await _paths.FindAsync("e")).Value.Attributes.Inode);
        Assert.Equal(inode, (await _paths.FindAsync("e/x")).Value.Attributes.Inode);
        Assert.Equal(0u, (await _paths.FindAsync("d")).Value.Attributes.Inode);
        Assert.Equal(directory, (await _paths.GetParentAsync(default, inode)).Value);
    }

    [Fact]
    public async Task What_is_moved_is_listed_once_wherever_it_went()
    {
        _paths.Source["a"] = 1;
        _paths.Source["d"] = -1;
        await _paths.ListAsync();
        ulong inode = (await _paths.FindAsync("a")).Value.Attributes.Inode;
        Assert.True(_paths.TryGet((await _paths.FindAsync("d")).Value.Attributes.Inode, out Kaleidofs.Paths.PathNode directory));
        _paths.Rename(inode, _paths.Root, "b");
        Assert.Equal(["b", "d"], await _paths.ListAsync());
        _paths.Rename(inode, directory, "c");
        Assert.Equal(["d"], await _paths.ListAsync());
        _paths.Rename(inode, _paths.Root, "a");
        Assert.Equal(["a", "d"], (await _paths.ListAsync()).Order());
    }

    [Fact]
    public async Task What_is_removed_is_forgotten_with_its_last_reference()
    {
        _paths.Source["a"] = 1;
        ulong inode = (await _paths.FindAsync("a")).Value.Attributes.Inode;
        await _paths.FindAsync("a");
        _paths.Drop("a");
        Assert.Equal(2, _paths.Known);
        _paths.Forget(inode, 1);
        Assert.Equal(2, _paths.Known);
        _paths.Forget(inode, 1);
        Assert.Equal(1, _paths.Known);
        Assert.Equal(Errno.ESTALE, (await _paths.GetAttributesAsync(default, inode, null)).Errno);
    }

    [Fact]
    public async Task Names_that_nobody_uses_are_dropped_when_there_are_many()
    {
        for (int round = 0; round < 4; round++)
        {
            for (int name = 0; name < 40_000; name++)
            {
                _paths.Make($"f{round}-{name}", 1);
            }
            _clock.Advance(11);
        }
        Assert.InRange(_paths.Known, 1, 140_000);
        Assert.Equal(0u, (await _paths.FindAsync("f0-0")).Value.Attributes.Inode);
    }

    [Fact]
    public async Task A_source_that_fails_is_an_errno_and_is_asked_again()
    {
        _paths.Late = _ => throw new IOException("away");
        await Assert.ThrowsAsync<IOException>(() => _paths.FindAsync("a"));
        Assert.Equal(["EIO"], await FailAsync());
        _paths.Source["a"] = 1;
        _paths.Late = _ => Task.CompletedTask;
        Assert.Equal(["a"], await _paths.ListAsync());

        async Task<List<string>> FailAsync()
        {
            _paths.Source["b"] = 1;
            List<string> names = await _paths.ListAsync();
            _paths.Source.TryRemove("b", out _);
            return [.. names.Where(name => name != "b")];
        }
    }
}
