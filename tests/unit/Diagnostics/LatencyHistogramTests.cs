using Kaleidofs.Diagnostics;

namespace Kaleidofs.Tests.Unit.Diagnostics;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Every_duration_is_known_to_an_eighth_of_itself()
    {
        for (long value = 1; value < 1L << 42; value += 1 + (value / 7))
        {
            LatencyHistogram histogram = new();
            histogram.Add(value);
            (long lower, long count) = Assert.Single(histogram.Buckets);
            Assert.Equal(1, count);
            Assert.InRange(value, lower, lower + Math.Max(0, (lower / 8) - (lower >= 16 ? 1 : 0)));
            Assert.InRange(histogram.Percentile(1), value * 0.93, (value * 1.07) + 0.5);
        }
    }

    [Fact]
    public void What_is_below_a_power_of_two_is_counted_exactly()
    {
        LatencyHistogram histogram = new();
        for (long value = 0; value < 5000; value++)
        {
            histogram.Add(value);
        }
        Assert.All(Enumerable.Range(0, 13), bits => Assert.Equal(Math.Min(5000, 1L << bits), histogram.CountBelow(1L << bits)));
        Assert.Equal(5000, histogram.CountBelow(long.MaxValue));
        Assert.Equal(5000, histogram.Count);
        Assert.Equal(4999L * 2500, histogram.SumNanoseconds);
    }

    [Fact]
    public void Percentiles_are_those_of_what_was_added_however_often_it_stands_for()
    {
        LatencyHistogram histogram = new();
        histogram.Add(1000, weight: 98);
        histogram.Add(1_000_000);
        histogram.Add(1_000_000_000);
        Assert.InRange(histogram.Percentile(0.5), 930, 1070);
        Assert.InRange(histogram.Percentile(0.98), 930, 1070);
        Assert.InRange(histogram.Percentile(0.99), 930_000, 1_070_000);
        Assert.InRange(histogram.Percentile(1), 930_000_000, 1_070_000_000);
        Assert.Equal(0, new LatencyHistogram().Percentile(0.5));
    }

    [Fact]
    public void What_is_impossible_is_counted_as_the_nearest_that_is_not()
    {
        LatencyHistogram histogram = new();
        histogram.Add(-5);
        histogram.Add(long.MaxValue);
        Assert.Equal(2, histogram.Count);
        Assert.Equal(1, histogram.CountBelow(1));
    }

    [Fact]
    public void A_sum_of_histograms_has_what_each_has()
    {
        LatencyHistogram sum = new();
        for (int part = 1; part <= 3; part++)
        {
            LatencyHistogram histogram = new();
            histogram.Add(part * 100, weight: part);
            sum.Add(histogram);
        }
        Assert.Equal(6, sum.Count);
        Assert.Equal(100 + 400 + 900, sum.SumNanoseconds);
        Assert.Equal([1L, 2, 3], sum.Buckets.Select(bucket => bucket.Count));
    }
}
