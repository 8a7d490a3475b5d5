using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Drivers.Archive.Foreign;

/// <summary>Writes frames.</summary>
internal sealed class WorkerFrames(Stream output)
{
    public const int HeaderLength = 5;

    /// <summary>The longest frame.</summary>
    public const int MaxLength = 128 << 10;

    public const int MaxReason = 500;

    private readonly byte[] _frame = new byte[HeaderLength + MaxLength];

    /// <summary>Room for what comes next: <see cref="Send"/> takes it.</summary>
    public Memory<byte> Payload => _frame.AsMemory(HeaderLength);

    public void Send(WorkerFrame kind, int length)
    {
        _frame[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(_frame.AsSpan(1), length);
        output.Write(_frame.AsSpan(0, HeaderLength + length));
    }

    public void SendPosition(long position)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Payload.Span, position);
        Send(WorkerFrame.Position, sizeof(long));
    }

    public void SendReason(WorkerFrame kind, string reason)
    {
        string text = reason.Length > MaxReason ? reason[..MaxReason] : reason;
        Send(kind, Encoding.UTF8.GetBytes(text, Payload.Span));
    }
}
