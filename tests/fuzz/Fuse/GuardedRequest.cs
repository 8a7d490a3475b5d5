using Kaleidofs.Engine;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Fuzz.Fuse;

/// <summary>A request whose buffers lie scattered in guarded memory, and which knows what may become of them.</summary>
internal sealed unsafe class GuardedRequest : FuseRequest, IDisposable
{
    private readonly GuardedMemory _memory;
    private byte[] _sent = [];
    private int _written;
    private int _completions;

    public GuardedRequest(int length) => _memory = new GuardedMemory(length);

    /// <summary>The most bytes of a request that surely find room here.</summary>
    public int Capacity => _memory.Length / 3;

    /// <summary>Between <see cref="Prepare"/> and <see cref="Check"/>.</summary>
    public bool IsInUse { get; private set; }

    public bool IsDone => Volatile.Read(ref _completions) > 0;

    public ReadOnlySpan<byte> Sent => _sent;

    /// <summary>Lays the request and room for its reply out in pieces, with gaps; now and then the room lies on the request.</summary>
    public void Prepare(Xorshift random, ReadOnlySpan<byte> message)
    {
        CheckUntouched();
        IsInUse = true;
        _sent = message.ToArray();
        _completions = 0;
        Readable.Clear();
        Writable.Clear();
        int room = random.Below(8) switch
        {
            0 => random.Below(40),
            1 or 2 => 16 + random.Below(400),
            3 or 4 or 5 => Math.Min(16 + 4096, Capacity),
            _ => random.Below(Capacity),
        };
        int slack = _memory.Length - message.Length - room;
        int at = 0;
        at = Scatter(random, Readable, at, message.Length, ref slack);
        bool overlaps = random.OneIn(16);
        if (overlaps)
        {
            at = random.Below(message.Length + 1);
        }
        else if (random.OneIn(3))
        {
            // The last byte before the page that nobody may touch.
            at = _memory.Length - room;
            slack = 0;
        }
        Scatter(random, Writable, at, room, ref slack);
        int copied = 0;
        foreach (BufferSegment segment in Readable.Segments)
        {
            message.Slice(copied, segment.Length).CopyTo(segment.Span);
            copied += segment.Length;
        }
        _memory.Expect();
    }

    public override void Complete(int written)
    {
        _written = written;
        Interlocked.Increment(ref _completions);
    }

    /// <summary>Ends this use, once it is completed, and holds the promises against it.</summary>
    /// <param name="reply">What was answered.</param>
    /// <exception cref="FuzzException">One was broken.</exception>
    public void Check(out byte[] reply)
    {
        foreach (BufferSegment segment in Writable.Segments)
        {
            _memory.Allow(segment.Pointer, segment.Length);
        }
        reply = new byte[Math.Clamp(_written, 0, Writable.Length)];
        Writable.CopyTo(0, reply);
        if (_completions != 1)
        {
            throw Failure($"{_completions} completions");
        }
        if (ReplyRules.Check(_sent, Writable.Length, _written, reply) is { } fault)
        {
            throw Failure(fault);
        }
        CheckUntouched();
        IsInUse = false;
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>Pieces of a total length from a place on; returns where they end.</summary>
    private int Scatter(Xorshift random, SegmentList list, int at, int length, ref int slack)
    {
        bool isWhole = random.OneIn(4);
        while (length > 0)
        {
            int part = isWhole || list.Count > 100 ? length : Math.Min(length, random.OneIn(2) ? random.Between(1, 48) : random.Between(1, 4096));
            int gap = Math.Min(slack, random.Below(3) == 0 ? random.Below(64) : 0);
            slack -= gap;
            at += gap;
            list.Add(_memory.Start + at, part);
            at += part;
            length -= part;
        }
        return at;
    }

    private void CheckUntouched()
    {
        int change = _memory.FindChange();
        if (change >= 0)
        {
            throw Failure($"byte {change} of the memory changed, which is in no writable buffer");
        }
    }

    private FuzzException Failure(string what)
    {
        string opcode = _sent.Length >= 8 ? $"{(Opcode)BitConverter.ToUInt32(_sent, 4)}" : "none";
        return new FuzzException($"{what}; opcode {opcode}, {_sent.Length} bytes: {Convert.ToHexString(_sent, 0, Math.Min(_sent.Length, 160))}");
    }
}
