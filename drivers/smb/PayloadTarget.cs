using System.Buffers;

namespace Kaleidofs.Drivers.Smb;

/// <summary>A read's destination, as the client knows destinations.</summary>
internal sealed class PayloadTarget(PayloadWriter destination) : IBufferWriter<byte>
{
    public void Advance(int count) => destination.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => destination.GetMemory();

    public Span<byte> GetSpan(int sizeHint = 0) => destination.GetSpan();
}
