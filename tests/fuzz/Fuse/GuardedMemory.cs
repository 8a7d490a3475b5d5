using Kaleidofs.Host.Linux;

namespace Kaleidofs.Tests.Fuzz.Fuse;

/// <summary>Memory that ends, and begins, at a page that nobody may touch, with a copy of what it should hold.</summary>
internal sealed unsafe class GuardedMemory : IDisposable
{
    private const int Page = 4096;
    private const int Private = 2;
    private const int Fixed = 0x10;
    private const int Anonymous = 0x20;

    private readonly nint _mapping;
    private readonly byte[] _expected;

    public GuardedMemory(int length)
    {
        Length = length;
        _mapping = Libc.MapMemory(0, (nuint)(length + 2 * Page), 0, Private | Anonymous, -1, 0);
        Start = Libc.MapMemory(_mapping + Page, (nuint)length, Libc.PROT_READ | Libc.PROT_WRITE, Private | Anonymous | Fixed, -1, 0);
        if (Start == Libc.MapFailed)
        {
            throw new IOException($"mmap: {Libc.LastError()}");
        }
        _expected = new byte[length];
    }

    public int Length { get; }

    public nint Start { get; }

    public Span<byte> Span => new((void*)Start, Length);

    /// <summary>What is there now is what should be.</summary>
    public void Expect() => Span.CopyTo(_expected);

    /// <summary>Whatever is there now in one place is right.</summary>
    public void Allow(nint pointer, int length) => new ReadOnlySpan<byte>((void*)pointer, length).CopyTo(_expected.AsSpan((int)(pointer - Start)));

    /// <summary>The first byte that is not what it should be; -1 if there is none.</summary>
    public int FindChange()
    {
        int same = Span.CommonPrefixLength(_expected);
        return same == Length ? -1 : same;
    }

    public void Dispose() => _ = Libc.UnmapMemory(_mapping, (nuint)(Length + 2 * Page));
}
