using System.Buffers.Binary;
using System.Net.Sockets;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

internal sealed partial class SmbConnection
{
    private readonly Queue<RequestMessage> _outgoing = [];
    private bool _isSending;

    /// <summary>Gives a message its numbers, protects it, and sends it after those before.</summary>
    private void Enqueue(RequestMessage message)
    {
        lock (_lock)
        {
            int wanted = Math.Max(0, WantedCredits - _credits - _owed);
            for (int index = 0; index < message.Requests.Count; index++)
            {
                PendingRequest request = message.Requests[index].Request;
                request.MessageId = _nextMessageId;
                request.SentAt = Environment.TickCount64;
                _nextMessageId += (ulong)Math.Max(1, request.CreditCharge);
                Span<byte> part = message.GetPart(index);
                Smb2Header.SetMessageId(part, request.MessageId);
                Smb2Header.SetCreditRequest(part, request.CreditCharge + (index == 0 ? wanted : 0));
                if (!IsUsable)
                {
                    request.Complete(Response.Failed(NtStatus.ConnectionDisconnected));
                    continue;
                }
                _pending.Add(request.MessageId, request);
            }
        }
        Seal(message);
        Push(message);
    }

    /// <summary>Signs or encrypts a message.</summary>
    private void Seal(RequestMessage message)
    {
        SessionSecurity security = Security;
        for (int index = 0; index < message.Requests.Count; index++)
        {
            Span<byte> part = message.GetPart(index);
            if (security.SessionId != 0)
            {
                Smb2Header.SetSessionId(part, security.SessionId);
            }
            if (security.Cipher is null)
            {
                security.Signer?.Sign(part);
            }
            PendingRequest request = message.Requests[index].Request;
            if (request.Command is Command.Negotiate or Command.SessionSetup)
            {
                request.Sent = part.ToArray();
            }
        }
        int start = RequestMessage.Prefix;
        if (security.Cipher is { } cipher)
        {
            start -= TransformHeader.Size;
            cipher.Encrypt(message.Buffer.AsSpan(start, message.End - start));
        }
        message.SendFrom = start - RequestMessage.LengthSize;
        BinaryPrimitives.WriteInt32BigEndian(message.Buffer.AsSpan(message.SendFrom), message.End - start);
    }

    private void Push(RequestMessage message)
    {
        lock (_outgoing)
        {
            _outgoing.Enqueue(message);
            if (_isSending)
            {
                return;
            }
            _isSending = true;
        }
        _ = SendAllAsync();
    }

    /// <summary>Sends what there is: on the thread of who came first, as long as the socket takes it.</summary>
    private async Task SendAllAsync()
    {
        while (true)
        {
            RequestMessage? message;
            lock (_outgoing)
            {
                if (!_outgoing.TryDequeue(out message))
                {
                    _isSending = false;
                    return;
                }
            }
            try
            {
                ReadOnlyMemory<byte> rest = message.Buffer.AsMemory(message.SendFrom, message.End - message.SendFrom);
                while (IsUsable && rest.Length > 0)
                {
                    rest = rest[await _socket.SendAsync(rest, SocketFlags.None, CancellationToken.None).ConfigureAwait(false)..];
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                Fail($"the connection broke: {exception.Message}");
            }
            message.Release();
        }
    }
}
