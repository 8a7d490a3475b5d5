namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>
/// What a decoder's model stands in: up to 256 MiB, as the archive says, and all of them together within a limit. When that is reached, decoders
/// that are not at work lose theirs, the one that has been idle for the longest time first, and begin anew when they are asked again.
/// </summary>
internal sealed class PpmdMemory
{
    /// <summary>Four decoders of the largest models, some sixty as archivers make them by default.</summary>
    public static long Limit { get; set; } = 1L << 30;

    /// <summary>Bytes of all of them now, and of the spare ones.</summary>
    public static long Total
    {
        get
        {
            lock (Gate)
            {
                return _total;
            }
        }
    }

    /// <summary>Memory that is kept for the next decoder: making it anew brings the garbage collector closer to a whole collection.</summary>
    private const long SpareLimit = 64 << 20;

    /// <summary>How long to wait, in milliseconds, for one of many decoders that are all at work.</summary>
    private const int Patience = 10_000;

    private static readonly object Gate = new();
    // The first has been idle for the longest time.
    private static readonly LinkedList<PpmdMemory> Lent = [];
    private static readonly List<byte[]> Spare = [];
    private static long _total;

    private readonly LinkedListNode<PpmdMemory> _node;
    private byte[]? _bytes;
    private bool _isBusy = true;

    private PpmdMemory(byte[] bytes)
    {
        _bytes = bytes;
        _node = Lent.AddLast(this);
    }

    /// <summary>The memory; asked for only between entering and leaving.</summary>
    public byte[] Bytes => _bytes!;

    /// <summary>Memory of a length, entered; null if there is none in a while.</summary>
    public static PpmdMemory? TryAcquire(int length)
    {
        long deadline = Environment.TickCount64 + Patience;
        lock (Gate)
        {
            if (TakeSpare(length) is { } spare)
            {
                return new PpmdMemory(spare);
            }
            while (_total + length > Limit)
            {
                if (!TryDropOne() && (deadline - Environment.TickCount64 is not (> 0 and long left) || !Monitor.Wait(Gate, (int)left)))
                {
                    return null;
                }
            }
            byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
            _total += length;
            return new PpmdMemory(bytes);
        }
    }

    /// <summary>Keeps the memory until <see cref="Leave"/>; false if it was lost.</summary>
    public bool TryEnter()
    {
        lock (Gate)
        {
            _isBusy = _bytes is not null;
            return _isBusy;
        }
    }

    /// <summary>It may be lost from now on.</summary>
    public void Leave()
    {
        lock (Gate)
        {
            _isBusy = false;
            if (_bytes is not null)
            {
                Lent.Remove(_node);
                Lent.AddLast(_node);
            }
            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>Gives it back.</summary>
    public void Release()
    {
        lock (Gate)
        {
            if (_bytes is not { } bytes)
            {
                return;
            }
            Forget();
            if (Spare.Sum(spare => (long)spare.Length) + bytes.Length <= SpareLimit)
            {
                Spare.Add(bytes);
                _total += bytes.Length;
            }
            Monitor.PulseAll(Gate);
        }
    }

    private static byte[]? TakeSpare(int length)
    {
        byte[]? found = Spare.Find(spare => spare.Length == length);
        if (found is not null)
        {
            Spare.Remove(found);
        }
        return found;
    }

    private static bool TryDropOne()
    {
        if (Spare.Count > 0)
        {
            _total -= Spare[0].Length;
            Spare.RemoveAt(0);
            return true;
        }
        PpmdMemory? idle = Lent.FirstOrDefault(memory => !memory._isBusy);
        idle?.Forget();
        return idle is not null;
    }

    private void Forget()
    {
        _total -= _bytes!.Length;
        _bytes = null;
        Lent.Remove(_node);
    }
}
