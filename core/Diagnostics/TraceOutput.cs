using System.Globalization;
using System.Text;

namespace Kaleidofs.Diagnostics;

/// <summary>Lines from many threads, written to one stream by a thread of its own.</summary>
/// <remarks>
/// Nobody who serves a guest waits for a terminal: lines that a slow reader leaves no room for are dropped, and a line
/// says how many. What is written is always whole lines.
/// </remarks>
internal sealed class TraceOutput : IDisposable
{
    private const int BufferSize = 4 << 20;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private byte[] _filling = new byte[BufferSize];
    private byte[] _emptying = new byte[BufferSize];
    private int _length;
    private long _dropped;
    private bool _isClosed;

    public TraceOutput(Stream stream)
    {
        _stream = stream;
        _thread = new Thread(Run, maxStackSize: 128 << 10) { IsBackground = true, Name = "trace" };
        _thread.UnsafeStart();
    }

    /// <summary>Takes a line, its end included.</summary>
    public void Append(string line)
    {
        lock (_gate)
        {
            if (_isClosed || !Encoding.UTF8.TryGetBytes(line, _filling.AsSpan(_length), out int written))
            {
                _dropped++;
                return;
            }
            _length += written;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes out what there is, unless nobody reads it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join(LastWords);
    }

    private void Run()
    {
        try
        {
            while (Take(out int length, out long dropped))
            {
                _stream.Write(_emptying.AsSpan(0, length));
                if (dropped > 0)
                {
                    _stream.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"... {dropped} operations are not shown: they came faster than this is read\n")));
                }
                _stream.Flush();
            }
        }
        catch (IOException)
        {
            // Nobody reads any more. The operations go on.
            lock (_gate)
            {
                _isClosed = true;
            }
        }
    }

    private bool Take(out int length, out long dropped)
    {
        lock (_gate)
        {
            while (_length == 0 && !_isClosed)
            {
                Monitor.Wait(_gate);
            }
            (_filling, _emptying) = (_emptying, _filling);
            (length, _length) = (_length, 0);
            (dropped, _dropped) = (_dropped, 0);
            return length > 0 || dropped > 0;
        }
    }
}
