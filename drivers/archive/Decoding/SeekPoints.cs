using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>A stream's seek points, in order, found as it is decoded for the first time. Within a budget: when they take too much memory, every other one goes and the spacing doubles.</summary>
internal sealed class SeekPoints
{
    /// <summary>Bytes of output from one to the next, at first: decoding as much takes a millisecond or two.</summary>
    public const long FirstSpacing = 512 << 10;

    /// <summary>Memory for the points of a long stream: enough for all of some GiB of text.</summary>
    public const long UsualBudget = 32 << 20;

    private readonly Lock _lock = new();
    private readonly long _budget;
    private readonly List<SeekPoint> _points = [];
    private long _cost;
    private long _spacing = FirstSpacing;
    private bool _hasGrown;

    public SeekPoints(SeekPoint start, long budget)
    {
        _budget = budget;
        _points.Add(start);
    }

    /// <summary>The beginnings of all frames, and nothing else: where a stream can be cut, not where reading begins.</summary>
    public bool FramesOnly
    {
        get;
        init
        {
            field = value;
            _spacing = value ? 1 : FirstSpacing;
        }
    }

    /// <summary>The memory that they hold, nearly.</summary>
    public long Cost
    {
        get
        {
            lock (_lock)
            {
                return _cost;
            }
        }
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _points.Count;
            }
        }
    }

    /// <summary>Whether any was found, beside those that were read.</summary>
    public bool HasGrown
    {
        get
        {
            lock (_lock)
            {
                return _hasGrown;
            }
        }
    }

    /// <summary>Reads the points of a stream; null if these cannot be.</summary>
    /// <param name="codec">How the stream is encoded.</param>
    /// <param name="range">The stream.</param>
    /// <param name="length">How many bytes come out of it.</param>
    /// <param name="budget">Memory that points may take.</param>
    /// <param name="record">What <see cref="Save"/> wrote.</param>
    public static SeekPoints? Load(Codec codec, ByteRange range, long length, long budget, IndexRecordReader record)
    {
        SeekPoints points = codec.OpenPoints(range, budget);
        points._spacing = Math.Max(record.ReadInt64(), FirstSpacing);
        for (int count = record.ReadInt32(0, int.MaxValue); count > 0 && record.IsGood; count--)
        {
            long output = record.ReadInt64();
            long input = record.ReadInt64();
            IndexRecordReader own = new(record.ReadBytes());
            SeekPoint? point = codec.LoadPoint(output, input, own);
            if (point is null || !own.IsAtEnd || output <= points._points[^1].Output || output > length || input < range.Start || input > range.End)
            {
                return null;
            }
            points._points.Add(point);
            points._cost += point.Cost;
        }
        return record.IsAtEnd ? points : null;
    }

    /// <summary>Writes all but the first, which every stream has.</summary>
    public void Save(IndexRecord record)
    {
        lock (_lock)
        {
            record.Write(_spacing);
            record.Write(_points.Count - 1);
            foreach (SeekPoint point in _points.Skip(1))
            {
                record.Write(point.Output);
                record.Write(point.Input);
                IndexRecord own = new();
                point.Save(own);
                record.Write(own.Bytes);
            }
        }
    }

    /// <summary>The last point before or at a position of the output.</summary>
    public SeekPoint Find(long output)
    {
        lock (_lock)
        {
            int low = 0;
            int high = _points.Count - 1;
            while (low < high)
            {
                int middle = (low + high + 1) / 2;
                if (_points[middle].Output <= output)
                {
                    low = middle;
                }
                else
                {
                    high = middle - 1;
                }
            }
            return _points[low];
        }
    }

    /// <summary>The last point before or at a position of the output at which a frame begins.</summary>
    public SeekPoint FindFrame(long output)
    {
        lock (_lock)
        {
            return _points.FindLast(point => point.Output <= output && point.BeginsFrame) ?? _points[0];
        }
    }

    /// <summary>Whether a point at <paramref name="output"/> is worth having.</summary>
    public bool IsDue(long output)
    {
        lock (_lock)
        {
            return output - _points[^1].Output >= _spacing;
        }
    }

    public void Add(SeekPoint point)
    {
        lock (_lock)
        {
            if (point.Output - _points[^1].Output < _spacing)
            {
                return;
            }
            _points.Add(point);
            _hasGrown = true;
            _cost += point.Cost;
            while (_cost > _budget && _points.Count > 2)
            {
                Thin();
            }
        }
    }

    private void Thin()
    {
        _spacing *= 2;
        int kept = 1;
        for (int i = 2; i < _points.Count; i += 2)
        {
            _points[kept++] = _points[i];
        }
        _points.RemoveRange(kept, _points.Count - kept);
        _cost = _points.Sum(point => (long)point.Cost);
    }
}
