using System.Collections.Concurrent;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>
/// Input and output of a library's decoder, which keeps pointers to both: they stand on the pinned heap, and are rented,
/// because making them costs more than decoding a small file.
/// </summary>
internal sealed class DecoderBuffers
{
    public const int Length = 64 << 10;

    private const int MaxIdle = 32;

    private static readonly ConcurrentQueue<DecoderBuffers> Idle = new();

    private DecoderBuffers()
    {
    }

    public byte[] Input { get; } = GC.AllocateUninitializedArray<byte>(Length, pinned: true);

    public byte[] Output { get; } = GC.AllocateUninitializedArray<byte>(Length, pinned: true);

    public static DecoderBuffers Rent() => Idle.TryDequeue(out DecoderBuffers? buffers) ? buffers : new DecoderBuffers();

    /// <summary>Gives them back, once, when no decoder points to them any more.</summary>
    public static void Return(DecoderBuffers buffers)
    {
        if (Idle.Count < MaxIdle)
        {
            Idle.Enqueue(buffers);
        }
    }
}
