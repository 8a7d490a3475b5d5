using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

internal sealed partial class SmbConnection
{
    private const int BufferSize = 256 << 10;
    private const int ReadAnswerSize = 16;

    /// <summary>What of an answer to a read is looked at before its content.</summary>
    private const int ReadHead = Smb2Header.Size + ReadAnswerSize;

    /// <summary>From this size on content is received where it is wanted, if nothing must be checked before.</summary>
    private const int DirectSize = 16 << 10;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    private async Task ReceiveAllAsync()
    {
        _buffer = new byte[BufferSize];
        try
        {
            while (await FillAsync(RequestMessage.LengthSize).ConfigureAwait(false))
            {
                uint length = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start));
                if (length < Smb2Header.Size || length > MaxMessageSize + TransformHeader.Size)
                {
                    Fail($"the server sent a message of {length} bytes");
                    return;
                }
                _start += RequestMessage.LengthSize;
                if (!await ReceiveMessageAsync((int)length).ConfigureAwait(false))
                {
                    return;
                }
            }
            Fail("the server closed the connection");
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Fail($"the connection broke: {exception.Message}");
        }
        catch (Exception exception)
        {
            Fail($"a message of the server's could not be taken: {exception.Message}");
            throw;
        }
        finally
        {
            // Whoever is being answered must not wait for ever.
            Fail("receiving ended");
        }
    }

    private async ValueTask<bool> ReceiveMessageAsync(int length)
    {
        if (length > DirectSize && Security is { Cipher: null, Signer: null })
        {
            if (!await FillAsync(ReadHead).ConfigureAwait(false))
            {
                return false;
            }
            if (TryBeginDirect(length, out PendingRequest? request, out int count))
            {
                return await ReceiveDirectAsync(request, length, count).ConfigureAwait(false);
            }
        }
        if (length <= BufferSize)
        {
            if (!await FillAsync(length).ConfigureAwait(false))
            {
                return false;
            }
            int start = _start;
            _start += length;
            return TakeFrame(_buffer.AsSpan(start, length));
        }
        byte[] large = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int have = Math.Min(length, _end - _start);
            _buffer.AsSpan(_start, have).CopyTo(large);
            _start += have;
            return await ReceiveExactlyAsync(large.AsMemory(have, length - have)).ConfigureAwait(false) && TakeFrame(large.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(large);
        }
    }

    /// <summary>Waits until so many bytes are in the buffer; false if the connection ends before.</summary>
    private async ValueTask<bool> FillAsync(int count)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        if (_start + count > _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        while (_end - _start < count)
        {
            int received = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
            if (received == 0)
            {
                return false;
            }
            _end += received;
            Volatile.Write(ref _lastHeard, Environment.TickCount64);
        }
        return true;
    }

    private async ValueTask<bool> ReceiveExactlyAsync(Memory<byte> destination)
    {
        while (destination.Length > 0)
        {
            int received = await _socket.ReceiveAsync(destination, SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
            if (received == 0)
            {
                return false;
            }
            destination = destination[received..];
            Volatile.Write(ref _lastHeard, Environment.TickCount64);
        }
        return true;
    }

    /// <summary>Whether what comes is the content of a read, all of it, that somebody still wants.</summary>
    private bool TryBeginDirect(int length, [NotNullWhen(true)] out PendingRequest? request, out int count)
    {
        request = null;
        count = 0;
        ReadOnlySpan<byte> head = _buffer.AsSpan(_start, ReadHead);
        if (!ResponseHeader.TryParse(head, out ResponseHeader header) || header is not { Command: Command.Read, Status: NtStatus.Success, NextCommand: 0 } || header.IsInterim
            || BinaryPrimitives.ReadUInt16LittleEndian(head[Smb2Header.Size..]) != ReadAnswerSize + 1 || head[Smb2Header.Size + 2] != ReadHead)
        {
            return false;
        }
        uint told = BinaryPrimitives.ReadUInt32LittleEndian(head[(Smb2Header.Size + 4)..]);
        lock (_lock)
        {
            if (told != length - ReadHead || !_pending.TryGetValue(header.MessageId, out PendingRequest? found) || found is not { Command: Command.Read, Destination: not null }
                || told > found.DestinationSize || !found.TryBeginFilling())
            {
                return false;
            }
            request = found;
            _isFilling = true;
            _pending.Remove(header.MessageId);
            _owed -= found.IsPaid ? 0 : found.CreditCharge;
            AddCredits(header.Credits);
        }
        count = (int)told;
        return true;
    }

    private async ValueTask<bool> ReceiveDirectAsync(PendingRequest request, int length, int count)
    {
        bool isWhole = false;
        try
        {
            _start += ReadHead;
            int have = Math.Min(length - ReadHead, _end - _start);
            request.Destination!.Write(_buffer.AsSpan(_start, have));
            _start += have;
            int left = count - have;
            while (left > 0)
            {
                Memory<byte> memory = request.Destination!.GetMemory();
                memory = memory[..Math.Min(memory.Length, left)];
                if (!await ReceiveExactlyAsync(memory).ConfigureAwait(false))
                {
                    return false;
                }
                request.Destination!.Advance(memory.Length);
                left -= memory.Length;
            }
            isWhole = true;
            return true;
        }
        finally
        {
            bool isStuck;
            lock (_lock)
            {
                _isFilling = false;
                isStuck = IsStuck;
            }
            request.Complete(isWhole ? new Response(NtStatus.Success, [], count) : Response.Failed(NtStatus.ConnectionDisconnected));
            if (isStuck)
            {
                Fail(StuckReason);
            }
        }
    }

    /// <summary>Takes one frame of the transport's; false ends the connection.</summary>
    private bool TakeFrame(Span<byte> frame)
    {
        SessionSecurity security = Security;
        bool isEncrypted = BinaryPrimitives.ReadUInt32LittleEndian(frame) == TransformHeader.Magic;
        if (isEncrypted && (security.Cipher is null || !security.Cipher.TryDecrypt(frame, out frame)))
        {
            Fail("the server sent an encrypted message that the session's key does not open");
            return false;
        }
        while (true)
        {
            if (!ResponseHeader.TryParse(frame, out ResponseHeader header))
            {
                Fail("the server sent what is no answer");
                return false;
            }
            Span<byte> part = header.NextCommand == 0 ? frame : frame[..header.NextCommand];
            if (!TakePart(part, in header, security, isEncrypted))
            {
                return false;
            }
            if (header.NextCommand == 0)
            {
                return true;
            }
            frame = frame[header.NextCommand..];
        }
    }

    private bool TakePart(Span<byte> message, in ResponseHeader header, SessionSecurity security, bool isEncrypted)
    {
        // What is said without protection in a session that has some is not the server's word.
        bool isProtected = isEncrypted || (security is { Cipher: null, Signer: null });
        if (header.MessageId == Smb2Header.NotificationId)
        {
            return true;
        }
        if (!isProtected && !(header.IsInterim && security.Cipher is null) && !(security.Cipher is null && security.Signer!.Verify(message)))
        {
            Fail(security.Cipher is null ? "the server's signature is wrong" : "the server answered without encryption");
            return false;
        }
        PendingRequest? request;
        bool isStuck = false;
        bool isInterim = false;
        lock (_lock)
        {
            if (!_pending.TryGetValue(header.MessageId, out request) || request.Command != header.Command)
            {
                request = null;
            }
            else if (header.IsInterim)
            {
                _resting += request.IsPatient && request.AsyncId == 0 && header.AsyncId != 0 ? 1 : 0;
                request.AsyncId = header.AsyncId;
                _owed -= request.IsPaid ? 0 : request.CreditCharge;
                request.IsPaid = true;
                AddCredits(header.Credits);
                isStuck = IsStuck;
                isInterim = true;
            }
            else
            {
                _pending.Remove(header.MessageId);
                _owed -= request.IsPaid ? 0 : request.CreditCharge;
                _resting -= request.IsResting ? 1 : 0;
                AddCredits(header.Credits);
                isStuck = IsStuck;
            }
        }
        if (request is null)
        {
            Fail("the server answered what was not asked");
            return false;
        }
        if (isStuck)
        {
            request.Complete(Response.Failed(NtStatus.InvalidNetworkResponse));
            Fail(StuckReason);
            return false;
        }
        if (isInterim)
        {
            return true;
        }
        Answer(request, message, in header);
        return true;
    }

    private static void Answer(PendingRequest request, ReadOnlySpan<byte> message, in ResponseHeader header)
    {
        if (request.Destination is null || header.Status != NtStatus.Success)
        {
            request.Complete(new Response(header.Status, message.ToArray()));
            return;
        }
        if (!ReadAnswer.TryParse(message, out ReadOnlySpan<byte> content) || content.Length > request.DestinationSize)
        {
            request.Complete(Response.Failed(NtStatus.InvalidNetworkResponse));
            return;
        }
        if (request.TryBeginFilling())
        {
            request.Destination.Write(content);
            request.Complete(new Response(header.Status, [], content.Length));
        }
    }
}
