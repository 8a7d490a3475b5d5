namespace Kaleidofs.Tests.Unit.Paths;

/// <summary>The table of paths, where the source says what others change.</summary>
public sealed class ForeignChangeTests : IAsyncLifetime
{
    private readonly RemotePaths _paths = new(new ManualClock());

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _paths.DisposeAsync();

    [Fact]
    public async Task What_is_doubted_is_asked_for_anew_and_nothing_else_is()
    {
        (_paths.Source["a"], _paths.Source["b"]) = (1, 1);
        ulong inode = (await _paths.FindAsync("a")).Value.Attributes.Inode;
        await _paths.FindAsync("b");
        (_paths.Source["a"], _paths.Source["b"]) = (2, 2);
        _paths.Doubt("a", isOther: false);
        Assert.Equal((inode, 2u), ((await _paths.FindAsync("a")).Value.Attributes.Inode, (await _paths.FindAsync("a")).Value.Attributes.Size));
        Assert.Equal(1u, (await _paths.FindAsync("b")).Value.Attributes.Size);
        Assert.Equal(["a", "b", "a"], _paths.Asked);
    }

    [Fact]
    public async Task Absences_and_listings_end_with_the_name_that_others_make()
    {
        _paths.Source["a"] = 1;
        Assert.Equal(["a"], await _paths.ListAsync());
        Assert.Equal(0u, (await _paths.FindAsync("b")).Value.Attributes.Inode);
        _paths.Source["b"] = 1;
        Assert.Equal(["a"], await _paths.ListAsync());
        _paths.Doubt("b", isOther: true);
        Assert.NotEqual(0u, (await _paths.FindAsync("b")).Value.Attributes.Inode);
        Assert.Equal(["a", "b"], await _paths.ListAsync());
        _paths.Source.TryRemove("a", out _);
        _paths.Doubt("a", isOther: true);
        Assert.Equal(["b"], await _paths.ListAsync());
    }

    [Fact]
    public async Task What_is_below_a_directory_that_others_replace_is_doubted_too()
    {
        (_paths.Source["d"], _paths.Source["d/e"], _paths.Source["d/e/f"]) = (-1, -1, 1);
        await _paths.FindAsync("d/e/f");
        _paths.Source["d/e/f"] = 2;
        _paths.Doubt("d", isOther: false);
        Assert.Equal(1u, (await _paths.FindAsync("d/e/f")).Value.Attributes.Size);
        _paths.Doubt("d", isOther: true);
        Assert.Equal(2u, (await _paths.FindAsync("d/e/f")).Value.Attributes.Size);
        _paths.Source["d/e/f"] = 3;
        _paths.DoubtAll();
        Assert.Equal(3u, (await _paths.FindAsync("d/e/f")).Value.Attributes.Size);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_was_on_its_way_when_others_changed_something_is_not_remembered(bool wasThere)
    {
        if (wasThere)
        {
            _paths.Source["a"] = 1;
        }
        TaskCompletionSource gate = new();
        _paths.Late = _ => gate.Task;
        Task<Result<Entry>> asking = _paths.FindAsync("a");
        while (_paths.Asked.IsEmpty)
        {
            await Task.Yield();
        }
        _paths.Source["a"] = 2;
        _paths.Doubt("a", isOther: true);
        gate.SetResult();
        Result<Entry> old = await asking;
        Assert.Equal(0u, old.IsOk ? old.Value.NameTime.Milliseconds : 0u);
        Assert.Equal(2u, (await _paths.FindAsync("a")).Value.Attributes.Size);
    }

    [Fact]
    public async Task A_listing_that_was_on_its_way_when_others_changed_something_is_not_remembered()
    {
        _paths.Source["a"] = 1;
        TaskCompletionSource gate = new();
        _paths.Late = _ => gate.Task;
        Task<List<string>> listing = _paths.ListAsync();
        while (_paths.Asked.IsEmpty)
        {
            await Task.Yield();
        }
        _paths.Source["b"] = 1;
        _paths.Doubt("b", isOther: true);
        gate.SetResult();
        await listing;
        Assert.Equal(["a", "b"], await _paths.ListAsync());
    }

    [Fact]
    public async Task The_kernel_is_told_less_than_the_table_believes()
    {
        _paths.Source["a"] = 1;
        _paths.ToldTime = TimeSpan.FromMilliseconds(50);
        Assert.Equal(50u, (await _paths.FindAsync("a")).Value.AttributeTime.Milliseconds);
        Assert.Equal(50u, (await _paths.FindAsync("absent")).Value.NameTime.Milliseconds);
        Assert.Equal(50u, (await _paths.GetAttributesAsync(default, FileSystem.RootInode, null)).Value.Time.Milliseconds);
        await _paths.FindAsync("a");
        Assert.Equal(["a", "absent"], _paths.Asked);
    }
}
