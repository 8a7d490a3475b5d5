using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Tests.Unit.Smb;

/// <summary>A server that lets anybody in, and answers as it should, but for what <see cref="Damage"/> makes of it.</summary>
internal sealed class HostileServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public HostileServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public byte[] Content { get; } = new byte[100_000];

    /// <summary>Changes an answer (without the transport's length); null drops it and ends the connection.</summary>
    public Func<Command, byte[], byte[]?> Damage { get; set; } = (_, answer) => answer;

    public void Dispose() => _listener.Stop();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync();
                _ = ServeAsync(client);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using NetworkStream stream = new(client, ownsSocket: true);
        byte[] length = new byte[4];
        int setups = 0;
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(length);
                byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                await stream.ReadExactlyAsync(message);
                for (int at = 0; ;)
                {
                    int next = BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(at + 20));
                    byte[] request = next == 0 ? message[at..] : message[at..(at + next)];
                    Command command = Smb2Header.GetCommand(request);
                    (NtStatus status, byte[] body) = Answer(command, request, ref setups);
                    byte[] answer = [.. request.AsSpan(0, 64), .. body];
                    BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(8), (uint)status);
                    BinaryPrimitives.WriteUInt16LittleEndian(answer.AsSpan(14), 64);
                    BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(16), (uint)HeaderFlags.Response);
                    BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(20), 0);
                    BinaryPrimitives.WriteUInt64LittleEndian(answer.AsSpan(40), 77);
                    // Nobody answers that something is taken back.
                    if (command != Command.Cancel)
                    {
                        if (Damage(command, answer) is not { } sent)
                        {
                            return;
                        }
                        byte[] head = new byte[4];
                        BinaryPrimitives.WriteInt32BigEndian(head, sent.Length);
                        await stream.WriteAsync((byte[])[.. head, .. sent]);
                    }
                    if (next == 0)
                    {
                        break;
                    }
                    at += next;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
        }
    }

    private (NtStatus Status, byte[] Body) Answer(Command command, byte[] request, ref int setups)
    {
        byte[] body;
        switch (command)
        {
            case Command.Negotiate:
                body = new byte[64 + 48];
                body[0] = 65;
                body[2] = 1;
                BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(4), (ushort)Dialect.Smb311);
                body[6] = 1;
                body[24] = (byte)Capabilities.LargeMtu;
                foreach (int at in new[] { 28, 32, 36 })
                {
                    BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(at), 1 << 20);
                }
                BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(60), 128);
                body[64] = 1;
                body[66] = 38;
                body[72] = 1;
                body[74] = 32;
                body[76] = 1;
                return (NtStatus.Success, body);
            case Command.SessionSetup:
                if (setups++ == 0)
                {
                    byte[] challenge = new byte[52];
                    "NTLMSSP\0"u8.CopyTo(challenge);
                    challenge[8] = 2;
                    BinaryPrimitives.WriteUInt32LittleEndian(challenge.AsSpan(20), 0xE2898215);
                    challenge[40] = challenge[42] = 4;
                    challenge[44] = 48;
                    byte[] token = [0xA1, 58, 0x30, 56, 0xA2, 54, 0x04, 52, .. challenge];
                    return (NtStatus.MoreProcessingRequired, [9, 0, 0, 0, 72, 0, (byte)token.Length, 0, .. token]);
                }
                return (NtStatus.Success, [9, 0, 2, 0, 72, 0, 0, 0]);
            case Command.TreeConnect:
                body = new byte[16];
                body[0] = 16;
                body[2] = 1;
                return (NtStatus.Success, body);
            case Command.Create:
                body = new byte[88];
                body[0] = 89;
                BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(48), Content.Length);
                body[56] = 0x80;
                body[64] = 9;
                return (NtStatus.Success, body);
            case Command.Close:
                body = new byte[60];
                body[0] = 60;
                return (NtStatus.Success, body);
            case Command.QueryInfo:
                return (NtStatus.Success, [9, 0, 72, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
            case Command.QueryDirectory:
                if (request[67] == 0)
                {
                    return (NtStatus.NoMoreFiles, [9, 0, 0, 0, 0, 0, 0, 0, 0]);
                }
                byte[] list = [.. WriteEntry("one", false), .. WriteEntry("another", true)];
                body = [9, 0, 72, 0, 0, 0, 0, 0, .. list];
                BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), list.Length);
                return (NtStatus.Success, body);
            case Command.Read:
                int count = BinaryPrimitives.ReadInt32LittleEndian(request.AsSpan(68));
                long offset = BinaryPrimitives.ReadInt64LittleEndian(request.AsSpan(72));
                if (offset >= Content.Length)
                {
                    return (NtStatus.EndOfFile, [9, 0, 0, 0, 0, 0, 0, 0, 0]);
                }
                byte[] part = Content.AsSpan((int)offset, (int)Math.Min(count, Content.Length - offset)).ToArray();
                body = [17, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. part];
                BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), part.Length);
                return (NtStatus.Success, body);
            case Command.Write:
                body = new byte[16];
                body[0] = 17;
                request.AsSpan(68, 4).CopyTo(body.AsSpan(4));
                return (NtStatus.Success, body);
            case Command.Ioctl:
                body = new byte[48];
                body[0] = 49;
                return (NtStatus.Success, body);
            default:
                return (NtStatus.Success, [4, 0, 0, 0]);
        }
    }

    private static byte[] WriteEntry(string name, bool isLast)
    {
        byte[] wide = Encoding.Unicode.GetBytes(name);
        byte[] entry = new byte[(80 + wide.Length + 7) & ~7];
        BinaryPrimitives.WriteInt32LittleEndian(entry, isLast ? 0 : entry.Length);
        entry[56] = 0x80;
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(60), wide.Length);
        wide.CopyTo(entry.AsSpan(80));
        return isLast ? entry[..(80 + wide.Length)] : entry;
    }
}
