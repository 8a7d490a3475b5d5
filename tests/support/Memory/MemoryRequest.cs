using System.Runtime.InteropServices;
using Kaleidofs.Engine;

namespace Kaleidofs.Tests.Support.Memory;

/// <summary>A request of a transport that is nothing but memory: readable and writable buffers in any split.</summary>
internal sealed unsafe class MemoryRequest : FuseRequest, IDisposable
{
    private readonly List<nint> _allocations = [];
    private TaskCompletionSource<byte[]> _reply = New();
    private int _completions;

    /// <summary>The reply's bytes, once there is one; empty if there is none.</summary>
    public Task<byte[]> ReplyAsync => _reply.Task;

    public int Completions => Volatile.Read(ref _completions);

    /// <summary>Fills the buffers; segments have at most <paramref name="split"/> bytes each.</summary>
    public MemoryRequest Prepare(ReadOnlySpan<byte> message, int writable, int split = int.MaxValue)
    {
        Free();
        Readable.Clear();
        Writable.Clear();
        _reply = New();
        _completions = 0;
        for (int offset = 0; offset < message.Length; offset += split)
        {
            int length = Math.Min(split, message.Length - offset);
            nint memory = Allocate(length);
            message.Slice(offset, length).CopyTo(new Span<byte>((void*)memory, length));
            Readable.Add(memory, length);
            if (split == int.MaxValue)
            {
                break;
            }
        }
        for (int left = writable; left > 0; left -= Math.Min(split, left))
        {
            int length = Math.Min(split, left);
            Writable.Add(Allocate(length), length);
        }
        return this;
    }

    public override void Complete(int written)
    {
        Interlocked.Increment(ref _completions);
        byte[] reply = new byte[written];
        Writable.CopyTo(0, reply);
        _reply.TrySetResult(reply);
    }

    public void Dispose() => Free();

    private static TaskCompletionSource<byte[]> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private nint Allocate(int length)
    {
        nint memory = (nint)NativeMemory.Alloc((nuint)length);
        _allocations.Add(memory);
        return memory;
    }

    private void Free()
    {
        foreach (nint memory in _allocations)
        {
            NativeMemory.Free((void*)memory);
        }
        _allocations.Clear();
    }
}
