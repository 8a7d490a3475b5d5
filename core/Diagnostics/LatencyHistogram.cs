using System.Numerics;

namespace Kaleidofs.Diagnostics;

/// <summary>
/// Durations in log-linear buckets: each power of two is split into 2^precision equal parts, so a value is known to
/// 1/2^precision of its size at any scale. One thread adds; any thread may read meanwhile.
/// </summary>
internal sealed class LatencyHistogram
{
    /// <summary>Of the histograms that every queue keeps for every opcode: an error of at most 1/8 in 2.6 KiB.</summary>
    public const int DefaultPrecision = 3;

    /// <summary>Longer ones (2^42 ns are 73 minutes) are counted as this long.</summary>
    private const long MaxNanoseconds = (1L << 42) - 1;

    private readonly int _precision;
    private readonly long[] _buckets;
    private long _count;
    private long _sum;

    public LatencyHistogram(int precision = DefaultPrecision)
    {
        _precision = precision;
        _buckets = new long[IndexOf(MaxNanoseconds) + 1];
    }

    /// <summary>How many durations were added, each as often as it was said to stand for.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Their sum.</summary>
    public long SumNanoseconds => Volatile.Read(ref _sum);

    /// <summary>Adds a duration that stands for <paramref name="weight"/> of them.</summary>
    public void Add(long nanoseconds, long weight = 1)
    {
        nanoseconds = Math.Clamp(nanoseconds, 0, MaxNanoseconds);
        _buckets[IndexOf(nanoseconds)] += weight;
        _sum += nanoseconds * weight;
        _count += weight;
    }

    /// <summary>Adds all that another one of the same precision holds.</summary>
    public void Add(LatencyHistogram other)
    {
        // What is added meanwhile must not make the sum of the buckets less than the count.
        long count = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            long added = Volatile.Read(ref other._buckets[i]);
            _buckets[i] += added;
            count += added;
        }
        _count += count;
        _sum += other.SumNanoseconds;
    }

    /// <summary>How many took less than <paramref name="nanoseconds"/>; exact where a bucket begins there, as at every power of two.</summary>
    public long CountBelow(long nanoseconds)
    {
        long count = 0;
        int end = IndexOf(Math.Min(nanoseconds, MaxNanoseconds));
        for (int i = 0; i < end; i++)
        {
            count += _buckets[i];
        }
        return count;
    }

    /// <summary>The duration that the given fraction of all did not exceed, in nanoseconds; 0 if there are none.</summary>
    public double Percentile(double fraction)
    {
        long rest = Math.Max(1, (long)Math.Ceiling(fraction * Count));
        for (int i = 0; i < _buckets.Length; i++)
        {
            rest -= _buckets[i];
            if (rest <= 0)
            {
                return (LowerBound(i) + LowerBound(i + 1)) / 2.0;
            }
        }
        return 0;
    }

    /// <summary>The buckets that are not empty: lower bound in nanoseconds, and count.</summary>
    public IEnumerable<(long LowerBound, long Count)> Buckets
    {
        get
        {
            for (int i = 0; i < _buckets.Length; i++)
            {
                if (_buckets[i] > 0)
                {
                    yield return (LowerBound(i), _buckets[i]);
                }
            }
        }
    }

    // Values below 2^precision have a bucket each; from there on a power of two has 2^precision.
    private int IndexOf(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - _precision);
        return (shift << _precision) + (int)(value >> shift);
    }

    private long LowerBound(int index)
    {
        int shift = Math.Max(0, (index >> _precision) - 1);
        return (long)(index - (shift << _precision)) << shift;
    }
}
