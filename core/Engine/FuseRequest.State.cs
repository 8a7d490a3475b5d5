using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

/// <summary>The engine's half of a request: the private copy of what the guest said, and the reply.</summary>
internal abstract partial class FuseRequest
{
    private const int UsualSize = 512;
    private static readonly int HeaderSize = Unsafe.SizeOf<InHeader>();

    private readonly byte[] _usualCopy = new byte[UsualSize];
    private byte[] _copy;
    private int _copied;
    private Allowance? _copyAllowance;
    private SegmentWriter? _payloadWriter;
    private SegmentReader? _payloadReader;
    private DirEntWriter? _directoryWriter;

    protected FuseRequest() => _copy = _usualCopy;

    /// <summary>The copy of the header; guest memory is not looked at again. A field, so that reading one member copies only that.</summary>
    public InHeader Header;

    /// <summary>What the opcode's requests look like.</summary>
    public OpcodeInfo Info;

    /// <summary>Between being dispatched and being completed.</summary>
    public bool IsActive { get; private set; }

    /// <summary>In which of the session's lives it was dispatched.</summary>
    public int Life { get; set; }

    public RequestContext Context => new(Header.UserId, Header.GroupId, Header.ProcessId, this);

    /// <summary>The copied bytes after the header and the opcode's struct: names, and a value to copy.</summary>
    public ReadOnlyMemory<byte> Tail => _copy.AsMemory(HeaderSize + Info.BodySize, _copied - HeaderSize - Info.BodySize);

    /// <summary>Whether the header and the opcode's struct were copied; not so for what is cut off.</summary>
    public bool HasBody => Info.IsKnown && _copied >= HeaderSize + Info.BodySize;

    /// <summary>Bytes of the request that stand in guest memory after what was copied.</summary>
    public int PayloadOffset => HeaderSize + Info.BodySize;

    /// <summary>Copies the request out of guest memory, each byte once, and checks its lengths against the opcode's row.</summary>
    /// <param name="copies">What a copy longer than usual is taken from, until the request is answered.</param>
    /// <returns>What to answer if it cannot be served.</returns>
    public Errno Load(Allowance copies)
    {
        IsActive = true;
        int available = Readable.Length;
        _copied = Readable.CopyTo(0, _copy);
        if (_copied < HeaderSize)
        {
            Header = default;
            Info = default;
            return Errno.EINVAL;
        }
        Header = MemoryMarshal.Read<InHeader>(_copy);
        Info = OpcodeInfo.Of(Header.Opcode);
        if (Header.Length > (uint)available || Header.Length < (uint)HeaderSize)
        {
            return Errno.EINVAL;
        }
        if (!Info.IsKnown)
        {
            return Errno.ENOSYS;
        }
        // Extensions, in units of 8 bytes, come last; none is negotiated, so none is read.
        int length = (int)Header.Length - (Header.ExtensionLength * 8);
        if (length < HeaderSize + Info.BodySize)
        {
            return Errno.EINVAL;
        }
        if (Info.Tail == OpcodeTail.InPlace)
        {
            _copied = HeaderSize + Info.BodySize;
            return Errno.None;
        }
        if (length > HeaderSize + Info.MaxCopied)
        {
            return Errno.E2BIG;
        }
        if (length > _copied)
        {
            if (!copies.TryTake(length))
            {
                return Errno.ENOMEM;
            }
            _copyAllowance = copies;
            // What was copied stays as it was: a second look at the same bytes could differ.
            Array.Resize(ref _copy, length);
            _copied += Readable.CopyTo(_copied, _copy.AsSpan(_copied));
        }
        _copied = length;
        return Errno.None;
    }

    /// <summary>The opcode's struct.</summary>
    public T Body<T>() where T : unmanaged => MemoryMarshal.Read<T>(_copy.AsSpan(HeaderSize));

    /// <summary>INIT grows from kernel to kernel: as much of the struct as was sent, zeros for the rest.</summary>
    public T BodyPrefix<T>() where T : unmanaged
    {
        T value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        ReadOnlySpan<byte> sent = _copy.AsSpan(HeaderSize, _copied - HeaderSize);
        sent[..Math.Min(sent.Length, bytes.Length)].CopyTo(bytes);
        return value;
    }

    /// <summary>A writer for up to <paramref name="limit"/> bytes of payload behind the reply's header.</summary>
    public SegmentWriter StartPayload(int limit)
    {
        _payloadWriter ??= new SegmentWriter();
        _payloadWriter.Start(Writable, Unsafe.SizeOf<OutHeader>(), limit);
        return _payloadWriter;
    }

    /// <summary>A reader over <paramref name="length"/> bytes of payload that stay in guest memory.</summary>
    public SegmentReader ReadPayload(int length)
    {
        _payloadReader ??= new SegmentReader();
        _payloadReader.Start(Readable, PayloadOffset, length);
        return _payloadReader;
    }

    public DirEntWriter StartListing(int limit, bool plus)
    {
        _directoryWriter ??= new DirEntWriter();
        _directoryWriter.Start(StartPayload(limit), plus);
        return _directoryWriter;
    }

    /// <summary>Whether the listing left an entry out for want of room.</summary>
    public bool ListingIsFull => _directoryWriter!.IsFull;

    /// <summary>How much payload was written so far.</summary>
    public int PayloadWritten => _payloadWriter!.Written;

    public void Reply(Errno errno)
    {
        if (!Info.HasReply && Info.IsKnown)
        {
            Finish(0, errno);
            return;
        }
        ReplyAlways(errno);
    }

    /// <summary>Answers even what usually has no reply: INTERRUPT is answered only to be sent again.</summary>
    public void ReplyAlways(Errno errno)
    {
        int size = Unsafe.SizeOf<OutHeader>();
        OutHeader header = new() { Length = (uint)size, Error = -(int)errno, Unique = Header.Unique };
        Finish(Writable.CopyFrom(0, MemoryMarshal.AsBytes(new ReadOnlySpan<OutHeader>(in header))) == size ? size : 0, errno);
    }

    public void Reply<T>(in T body) where T : unmanaged
    {
        int size = Unsafe.SizeOf<OutHeader>() + Unsafe.SizeOf<T>();
        if (size > Writable.Length)
        {
            Reply(Errno.EINVAL);
            return;
        }
        OutHeader header = new() { Length = (uint)size, Unique = Header.Unique };
        Writable.CopyFrom(0, MemoryMarshal.AsBytes(new ReadOnlySpan<OutHeader>(in header)));
        Writable.CopyFrom(Unsafe.SizeOf<OutHeader>(), MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in body)));
        Finish(size);
    }

    /// <summary>Answers with the payload that was written through <see cref="StartPayload"/>.</summary>
    public void ReplyPayload()
    {
        int size = Unsafe.SizeOf<OutHeader>() + PayloadWritten;
        OutHeader header = new() { Length = (uint)size, Unique = Header.Unique };
        Finish(Writable.CopyFrom(0, MemoryMarshal.AsBytes(new ReadOnlySpan<OutHeader>(in header))) == Unsafe.SizeOf<OutHeader>() ? size : 0);
    }

    /// <summary>Answers with bytes; ERANGE if the caller's buffer is too small.</summary>
    public void ReplyBytes(ReadOnlySpan<byte> bytes, int limit)
    {
        SegmentWriter writer = StartPayload(limit);
        if (writer.Remaining < bytes.Length)
        {
            Reply(Errno.ERANGE);
            return;
        }
        writer.Write(bytes);
        ReplyPayload();
    }

    private void Finish(int written, Errno errno = Errno.None)
    {
        Count(written, errno);
        EndCancellation();
        if (_copyAllowance is { } copies)
        {
            // A long one is rare: a pool of them must not add up.
            _copyAllowance = null;
            copies.GiveBack(_copy.Length);
            _copy = _usualCopy;
        }
        Complete(written);
    }
}
