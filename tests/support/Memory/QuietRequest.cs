using System.Runtime.InteropServices;
using Kaleidofs.Engine;

namespace Kaleidofs.Tests.Support.Memory;

/// <summary>A request that can be dispatched again and again and whose completion does nothing: for measuring the session alone.</summary>
internal sealed unsafe class QuietRequest : FuseRequest, IDisposable
{
    private readonly void* _memory;
    private readonly int _messageLength;

    public QuietRequest(ReadOnlySpan<byte> message, int writable)
    {
        _messageLength = message.Length;
        _memory = NativeMemory.Alloc((nuint)(message.Length + writable));
        message.CopyTo(new Span<byte>(_memory, message.Length));
        Readable.Add((nint)_memory, message.Length);
        Writable.Add((nint)_memory + message.Length, writable);
    }

    public int Completions { get; private set; }

    public int Written { get; private set; }

    /// <summary>What is asked: may be written to between two dispatches.</summary>
    public Span<byte> Message => new(_memory, _messageLength);

    /// <summary>The last answer.</summary>
    public ReadOnlySpan<byte> Answer => new((byte*)_memory + _messageLength, Written);

    public override void Complete(int written)
    {
        Completions++;
        Written = written;
    }

    public void Dispose() => NativeMemory.Free(_memory);
}
