using Kaleidofs.Caching;

namespace Kaleidofs.Tests.Unit.Caching;

/// <summary>Blocks' memory: what is handed out is nobody else's, and what comes back is whole again.</summary>
public sealed unsafe class BlockMemoryTests
{
    private const int Page = BlockMemory.PageLength;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Blocks_of_any_lengths_never_overlap_and_leave_no_gaps_behind(int seed)
    {
        const int Pages = 1500;
        Random random = new(seed);
        using BlockMemory memory = new(Pages * Page);
        List<(nint Place, int Length, byte Mark)> blocks = [];
        HashSet<nint> inside = [];
        for (int step = 0; step < 20_000; step++)
        {
            if (blocks.Count == 0 || random.Next(100) < 52)
            {
                int length = random.Next(4) == 0 ? random.Next(1 << 20) : random.Next(3 * Page);
                byte* place = memory.Allocate(length);
                byte mark = (byte)random.Next(256);
                new Span<byte>(place, length).Fill(mark);
                blocks.Add(((nint)place, length, mark));
            }
            else
            {
                int index = random.Next(blocks.Count);
                (nint place, int length, byte mark) = blocks[index];
                Assert.Equal(-1, new ReadOnlySpan<byte>((void*)place, length).IndexOfAnyExcept(mark));
                memory.Free((byte*)place, length);
                blocks[index] = blocks[^1];
                blocks.RemoveAt(blocks.Count - 1);
            }
        }
        foreach ((nint place, int length, _) in blocks)
        {
            memory.Free((byte*)place, length);
        }
        // Everything is free again: as many pages as there are come from the region, side by side.
        nint[] places = [.. Enumerable.Range(0, Pages).Select(_ => (nint)memory.Allocate(Page))];
        Assert.Equal((Pages - 1) * Page, places.Max() - places.Min());
        Assert.All(places, place => Assert.True(inside.Add(place)));
        foreach (nint place in places)
        {
            memory.Free((byte*)place, Page);
        }
    }

    [Fact]
    public void What_does_not_fit_comes_from_elsewhere_and_outlives_the_cache()
    {
        BlockMemory memory = new(8 * Page);
        byte* large = memory.Allocate(64 * Page);
        byte* small = memory.Allocate(Page);
        memory.Dispose();
        new Span<byte>(large, 64 * Page).Fill(1);
        new Span<byte>(small, Page).Fill(2);
        Assert.Equal((1, 2), (large[(64 * Page) - 1], small[0]));
        memory.Free(large, 64 * Page);
        memory.Free(small, Page);
    }
}
