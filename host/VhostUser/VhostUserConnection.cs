using System.Buffers.Binary;
using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.VhostUser;

/// <summary>One front end's connection, from its first message to its last.</summary>
internal sealed class VhostUserConnection
{
    /// <summary>A front end whose messages make no sense is not listened to for ever.</summary>
    private const int MaxRefusals = 100;

    private readonly FuseSession _session;
    private readonly VhostUserDeviceOptions _options;
    private readonly DriverLog _log;

    public VhostUserConnection(FuseSession session, VhostUserDeviceOptions options, DriverLog log)
    {
        _session = session;
        _options = options;
        _log = log;
    }

    /// <summary>Serves the front end until it goes, breaks the protocol, or the server stops.</summary>
    /// <param name="socket">The connection; closed on return.</param>
    /// <param name="stop">An eventfd that is signalled when the server stops.</param>
    public void Run(FileDescriptor socket, FileDescriptor stop)
    {
        using VhostUserChannel channel = new(socket, stop);
        using VhostUserDevice device = new(_session, _options, _log);
        using VhostUserMessage message = new();
        int refusals = 0;
        string? end;
        while (channel.Receive(message, out end))
        {
            if (!Answer(channel, device, message, ref refusals, out end))
            {
                break;
            }
        }
        if (end is not null)
        {
            _log.Warning($"the vhost-user connection ends: {end}");
        }
        if (channel.IsStopped)
        {
            // The guest is still there, and waits for the answers that are on their way.
            device.Drain();
        }
    }

    private bool Answer(VhostUserChannel channel, VhostUserDevice device, VhostUserMessage message, ref int refusals, out string? end)
    {
        end = null;
        // What SET_PROTOCOL_FEATURES itself turns on counts from the next message.
        bool acknowledges = device.Acknowledges && message.NeedsReply;
        VhostUserRequest request = message.Request;
        ReadOnlySpan<byte> reply = default;
        MessageRule? rule = MessageRule.Find(request);
        string? refused = rule is { } known ? known.Check(message.Size, message.Descriptors.Count) : "not a message that this device knows";
        refused ??= device.Handle(message, ref reply);
        // Before the answer: a front end that has it may count on what was not kept being closed.
        message.CloseDescriptors();
        if (refused is not null)
        {
            _log.Warning($"vhost-user message {request} refused: {refused}");
            if (++refusals >= MaxRefusals)
            {
                end = $"{refusals} messages were refused";
                return false;
            }
        }
        if (rule is { HasReply: true })
        {
            if (refused is not null)
            {
                end = $"{request} has no answer that says no";
                return false;
            }
            return channel.Reply(request, reply);
        }
        if (!acknowledges)
        {
            return true;
        }
        // REPLY_ACK: zero is success, anything else is not.
        Span<byte> status = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(status, refused is null ? 0ul : 1ul);
        return channel.Reply(request, status);
    }
}
