using System.Buffers;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>A request that is not answered yet.</summary>
/// <param name="command">What is asked.</param>
/// <param name="creditCharge">What it takes of the server's credits.</param>
internal sealed class PendingRequest(Command command, int creditCharge = 1)
{
    private const int Waiting = 0;
    private const int Filling = 1;
    private const int Done = 2;

    private readonly TaskCompletionSource<Response> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    public Command Command => command;

    public int CreditCharge => creditCharge;

    /// <summary>Its number; set when it is sent.</summary>
    public ulong MessageId { get; set; }

    /// <summary>The number of its deferred answer; 0 until the server says that it is deferred.</summary>
    public ulong AsyncId { get; set; }

    /// <summary>Whether the server has given its credits back already, as it does when it defers a request.</summary>
    public bool IsPaid { get; set; }

    /// <summary>When it was sent, in the clock's milliseconds.</summary>
    public long SentAt { get; set; }

    /// <summary>Whether the server may take as long as it likes.</summary>
    public bool IsPatient { get; init; }

    /// <summary>Whether it waits at the server for something that need not come: it takes no part in what is under way.</summary>
    public bool IsResting => IsPatient && AsyncId != 0;

    /// <summary>Where what is read goes; it belongs to the caller once the response is there.</summary>
    public IBufferWriter<byte>? Destination { get; init; }

    /// <summary>How many bytes the destination takes.</summary>
    public int DestinationSize { get; init; }

    /// <summary>The message as it was sent, of those that a session's keys depend on.</summary>
    public byte[] Sent { get; set; } = [];

    public Task<Response> Response => _response.Task;

    /// <summary>Takes hold of the destination, unless its owner has gone.</summary>
    public bool TryBeginFilling() => Interlocked.CompareExchange(ref _state, Filling, Waiting) == Waiting;

    /// <summary>Answers it, unless that was done before or nobody waits any more.</summary>
    public void Complete(in Response response)
    {
        if (Interlocked.Exchange(ref _state, Done) != Done)
        {
            _response.TrySetResult(response);
        }
    }

    /// <summary>Lets who waits go on. False if its answer is just being taken: then that comes.</summary>
    public bool TryAbandon()
    {
        if (Interlocked.CompareExchange(ref _state, Done, Waiting) != Waiting)
        {
            return false;
        }
        _response.TrySetResult(Client.Response.Failed(NtStatus.Cancelled));
        return true;
    }
}
