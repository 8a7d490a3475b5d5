using Kaleidofs.Drivers.S3.Reading;

namespace Kaleidofs.Tests.Unit.S3;

/// <summary>How far is read ahead.</summary>
public sealed class ReadPatternTests
{
    private const long Size = 1L << 30;

    [Fact]
    public void Reads_here_and_there_read_nothing_ahead()
    {
        ReadAheadBudget budget = new(64 << 20);
        ReadPattern pattern = new();
        foreach (long offset in (long[])[0, 500, 100, 900, 104, 96, 5])
        {
            Assert.False(pattern.Note(offset << 20, 64 << 10, budget.MaxWindow, out _));
        }
        Assert.False(pattern.TryTake(budget, Size, out _, out _));
    }

    [Fact]
    public void A_stream_has_all_of_its_window_under_way_and_no_byte_twice()
    {
        ReadAheadBudget budget = new(64 << 20);
        ReadPattern pattern = new();
        long frontier = 0;
        long most = 0;
        for (long at = 0; at < Size; at += 128 << 10)
        {
            if (pattern.Note(at, 128 << 10, budget.MaxWindow, out _))
            {
                while (pattern.TryTake(budget, Size, out long offset, out long length))
                {
                    Assert.True(offset >= frontier, "read twice");
                    Assert.Equal(0, offset % ContentReader.BlockSize);
                    Assert.True(offset + length == Size || length % ContentReader.BlockSize == 0);
                    frontier = offset + length;
                    budget.Return(length);
                }
            }
            most = Math.Max(most, frontier - at);
        }
        Assert.Equal(Size, frontier);
        Assert.InRange(most, 16 << 20, 64 << 20);
    }

    [Fact]
    public void The_budget_bounds_all_files_together()
    {
        ReadAheadBudget budget = new(16 << 20);
        long taken = 0;
        for (int file = 0; file < 100; file++)
        {
            ReadPattern pattern = new();
            for (long at = 0; at < 32 << 20; at += 1 << 20)
            {
                if (pattern.Note(at, 1 << 20, budget.MaxWindow, out _) && pattern.TryTake(budget, Size, out _, out long length))
                {
                    taken += length;
                }
            }
        }
        Assert.InRange(taken, 1, 16 << 20);
        Assert.Equal((16 << 20) - taken, budget.Free);
    }
}
