using System.Buffers;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>One request, or a compound of several, on its way: with room before it for what the transport and encryption put there.</summary>
internal sealed class RequestMessage
{
    /// <summary>The transport's length, and what stands before an encrypted message.</summary>
    public const int Prefix = LengthSize + TransformHeader.Size;

    public const int LengthSize = 4;

    private readonly List<(PendingRequest Request, int Start)> _requests = new(1);
    private byte[] _buffer;
    private int _end = Prefix;

    public RequestMessage(int capacity = 512) => _buffer = ArrayPool<byte>.Shared.Rent(Prefix + capacity);

    public IReadOnlyList<(PendingRequest Request, int Start)> Requests => _requests;

    public int CreditCharge => _requests.Sum(entry => entry.Request.CreditCharge);

    /// <summary>What the transport carries, with room for its length before.</summary>
    public Span<byte> Message => _buffer.AsSpan(Prefix, _end - Prefix);

    public byte[] Buffer => _buffer;

    public int End => _end;

    /// <summary>Where the bytes to be sent begin; set when it is sealed.</summary>
    public int SendFrom { get; set; }

    /// <summary>Adds a request; the body is to be filled in before the next is added.</summary>
    /// <param name="request">The request.</param>
    /// <param name="treeId">The tree.</param>
    /// <param name="bodySize">The size of its body.</param>
    /// <param name="contentSize">So much at its end has to be filled in; what is before is zeros.</param>
    public Span<byte> Add(PendingRequest request, uint treeId, int bodySize, int contentSize = 0)
    {
        bool isRelated = _requests.Count > 0;
        if (isRelated)
        {
            int previous = _requests[^1].Start;
            int aligned = Prefix + ((_end - Prefix + 7) & ~7);
            Reserve(aligned);
            _buffer.AsSpan(_end, aligned - _end).Clear();
            _end = aligned;
            Smb2Header.SetNextCommand(_buffer.AsSpan(previous), _end - previous);
        }
        int start = _end;
        Reserve(start + Smb2Header.Size + bodySize);
        _end = start + Smb2Header.Size + bodySize;
        Smb2Header.Write(_buffer.AsSpan(start), request.Command, isRelated ? HeaderFlags.Related : HeaderFlags.None, treeId, request.CreditCharge);
        _requests.Add((request, start));
        Span<byte> body = _buffer.AsSpan(start + Smb2Header.Size, bodySize);
        body[..^contentSize].Clear();
        return body;
    }

    /// <summary>One of the requests, with what pads it.</summary>
    public Span<byte> GetPart(int index)
    {
        int start = _requests[index].Start;
        int end = index + 1 < _requests.Count ? _requests[index + 1].Start : _end;
        return _buffer.AsSpan(start, end - start);
    }

    /// <summary>Gives the memory back; call it once, when nothing is sent of it any more.</summary>
    public void Release()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Reserve(int size)
    {
        if (size > _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, _buffer.Length * 2));
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
