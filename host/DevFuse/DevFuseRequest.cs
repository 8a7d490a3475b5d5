using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;
using Kaleidofs.Protocol;

namespace Kaleidofs.Host.DevFuse;

/// <summary>
/// One request of /dev/fuse with its reply. Belongs to its channel: rented by the reading thread, given back by
/// <see cref="Complete"/>, whichever thread that happens on.
/// </summary>
internal sealed class DevFuseRequest : FuseRequest, IDisposable
{
    /// <summary>More than any opcode's headers take: what a buffer has beyond the payload.</summary>
    private const int HeaderRoom = 4096;

    private readonly DevFuseChannel _channel;
    private readonly NativeBuffer _request;
    private readonly NativeBuffer _reply;

    public DevFuseRequest(DevFuseChannel channel, int maxPayload)
    {
        _channel = channel;
        Counters = channel.Counters;
        BufferSize = maxPayload + HeaderRoom;
        _request = new NativeBuffer(BufferSize);
        _reply = new NativeBuffer(BufferSize);
    }

    /// <summary>Where the next request is read to. The kernel wants room for the largest that was negotiated.</summary>
    public nint Buffer => _request.Pointer;

    /// <summary>Its bytes.</summary>
    public int BufferSize { get; }

    /// <summary>Between dispatch and completion.</summary>
    public bool IsInFlight { get; private set; }

    /// <summary>How often this INTERRUPT was served again.</summary>
    public int Repeats { get; set; }

    /// <summary>The buffer holds a request of this length.</summary>
    public void Receive(int length)
    {
        Readable.Clear();
        Readable.Add(_request.Pointer, length);
        Writable.Clear();
        Writable.Add(_reply.Pointer, BufferSize);
        Repeats = 0;
        IsInFlight = true;
    }

    /// <inheritdoc/>
    public override void Complete(int written)
    {
        if (written > 0)
        {
            if (Header.Opcode != Opcode.Interrupt)
            {
                _channel.Reply(_reply.Pointer, written);
            }
            else if (_channel.TryRepeat(this))
            {
                return;
            }
        }
        IsInFlight = false;
        _channel.Return(this);
    }

    public void Dispose()
    {
        _request.Dispose();
        _reply.Dispose();
    }
}
