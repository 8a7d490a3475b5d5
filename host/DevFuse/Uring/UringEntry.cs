using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kaleidofs.Engine;
using Kaleidofs.Protocol;

namespace Kaleidofs.Host.DevFuse.Uring;

/// <summary>
/// One place of a queue for a request and its reply: memory that is lent to the kernel until there is a request in
/// it, and again with the reply. The header is struct fuse_uring_req_header: the FUSE header of 128 bytes, the
/// opcode's struct of 128, and <see cref="UringEntryState"/>. Names and data are the payload, in both directions.
/// </summary>
internal sealed class UringEntry : FuseRequest
{
    /// <summary>struct fuse_uring_req_header, and the two vectors that describe the entry to the kernel, in whole cache lines.</summary>
    public const int HeaderRoom = 320;

    private const int HeaderSize = 288;
    private const int BodyOffset = 128;
    private const int BodyRoom = 128;
    private const int StateOffset = 256;

    private readonly UringWorker _worker;
    private readonly BufferSegment _header;
    private readonly BufferSegment _payload;
    private ulong _commitId;

    public UringEntry(UringWorker worker, UringQueue queue, int index, nint header, nint payload, int maxPayload)
    {
        _worker = worker;
        Counters = worker.Counters;
        Queue = queue;
        Index = index;
        _header = new BufferSegment(header, HeaderRoom);
        _payload = new BufferSegment(payload, maxPayload);
    }

    public UringQueue Queue { get; }

    /// <summary>Its number among the worker's entries.</summary>
    public int Index { get; }

    /// <summary>The next in the list of those that other threads completed.</summary>
    public UringEntry? Next { get; set; }

    /// <summary>The reply's length, for the ring's thread.</summary>
    public int Written { get; set; }

    /// <summary>Between the kernel's giving it and our giving it back. The ring's thread's own, as the next.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Counted as one that waits for its source.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>The vectors for <see cref="UringCommands.Register"/>: header and payload.</summary>
    public nint Vectors
    {
        get
        {
            Span<UringVector> vectors = MemoryMarshal.Cast<byte, UringVector>(_header.Span[HeaderSize..]);
            vectors[0] = new() { Base = _header.Pointer, Length = HeaderSize };
            vectors[1] = new() { Base = _payload.Pointer, Length = _payload.Length };
            return _header.Pointer + HeaderSize;
        }
    }

    /// <summary>How many vectors there are.</summary>
    public static int VectorCount => 2;

    /// <summary>Makes the request that the kernel put here one of the session's.</summary>
    public void Receive()
    {
        ReadOnlySpan<byte> header = _header.Span;
        InHeader request = MemoryMarshal.Read<InHeader>(header);
        _commitId = MemoryMarshal.Read<UringEntryState>(header[StateOffset..]).CommitId;
        // The kernel puts the first argument apart, if it is the opcode's struct, and all others into the payload.
        int body = Math.Min(OpcodeInfo.Of(request.Opcode).BodySize, BodyRoom);
        long rest = request.Length - Unsafe.SizeOf<InHeader>() - body;
        Readable.Clear();
        Readable.Add(_header.Pointer, Unsafe.SizeOf<InHeader>());
        Readable.Add(_header.Pointer + BodyOffset, body);
        Readable.Add(_payload.Pointer, (int)Math.Clamp(rest, 0, _payload.Length));
        // The reply's header replaces the request's, of which the session has a copy, and its payload that of the request.
        Writable.Clear();
        Writable.Add(_header.Pointer, Unsafe.SizeOf<OutHeader>());
        Writable.Add(_payload.Pointer, _payload.Length);
        IsHeld = true;
    }

    /// <inheritdoc/>
    public override void Complete(int written)
    {
        Written = written;
        _worker.Complete(this);
    }

    /// <summary>The command that gives the reply to the kernel, and with it the entry.</summary>
    public UringCommand Commit()
    {
        Span<byte> header = _header.Span;
        if (Written < Unsafe.SizeOf<OutHeader>())
        {
            // Nothing comes here that has no answer; the entry would be lost without one.
            MemoryMarshal.Write(header, new OutHeader { Error = -(int)Errno.EIO, Unique = Header.Unique });
            Written = Unsafe.SizeOf<OutHeader>();
        }
        MemoryMarshal.Write(header[StateOffset..], new UringEntryState { CommitId = _commitId, PayloadSize = (uint)(Written - Unsafe.SizeOf<OutHeader>()) });
        IsHeld = false;
        return new() { CommitId = _commitId, Queue = Queue.Number };
    }
}
