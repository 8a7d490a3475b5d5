namespace Kaleidofs.Host.Linux;

/// <summary>Page-aligned memory off the heap, taken from the kernel page by page as it is touched.</summary>
internal sealed class NativeBuffer : IDisposable
{
    private readonly nuint _size;

    /// <exception cref="IOException">The address space has no room.</exception>
    public NativeBuffer(long size)
    {
        const int MAP_PRIVATE = 2;
        const int MAP_ANONYMOUS = 0x20;
        const int MADV_NOHUGEPAGE = 15;
        _size = (nuint)size;
        Pointer = Libc.MapMemory(0, _size, Libc.PROT_READ | Libc.PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | Libc.MAP_NORESERVE, -1, 0);
        if (Pointer == Libc.MapFailed)
        {
            throw new IOException($"mmap of {size} bytes: {Libc.LastError()}");
        }
        // A huge page would take 2 MiB for the first byte of a buffer that is rarely filled.
        _ = Libc.AdviseMemory(Pointer, _size, MADV_NOHUGEPAGE);
    }

    public nint Pointer { get; private set; }

    /// <summary>Gives the pages back. The memory reads as zeros, and takes pages again when it is touched.</summary>
    public void Trim()
    {
        const int MADV_DONTNEED = 4;
        _ = Libc.AdviseMemory(Pointer, _size, MADV_DONTNEED);
    }

    /// <summary>Nothing may use the memory any more.</summary>
    public void Dispose()
    {
        if (Pointer != 0)
        {
            _ = Libc.UnmapMemory(Pointer, _size);
            Pointer = 0;
        }
    }
}
