using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Caching;

/// <summary>A file as memory that is only read: a page takes memory when it is first touched, and the kernel may have it back.</summary>
/// <remarks>
/// Whoever cuts the file off ends the process (SIGBUS). So it is for files that this program alone writes, without write
/// permission, and replaces rather than changes; never for a user's.
/// </remarks>
internal sealed class MappedFile : IDisposable
{
    // What is handed out points into the mapping and refers to this object: when nothing does any more, the handle's own
    // finalizer unmaps.
    private readonly SafeMemoryMappedViewHandle _view;

    private MappedFile(SafeMemoryMappedViewHandle view, long length)
    {
        _view = view;
        Length = length;
    }

    public long Length { get; }

    /// <summary>Maps a file that is not empty; its handle is no longer needed afterwards.</summary>
    /// <exception cref="IOException">It cannot be mapped.</exception>
    public static MappedFile Open(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        using MemoryMappedFile mapping = MemoryMappedFile.CreateFromFile(file, mapName: null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        // The accessor has nothing of its own but the handle.
        MemoryMappedViewAccessor accessor = mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        return new MappedFile(accessor.SafeMemoryMappedViewHandle, length);
    }

    /// <summary>Values from a position on, which is a multiple of their size.</summary>
    public unsafe MappedArray<T> GetArray<T>(long position, int count) where T : unmanaged
        => new(this, (T*)GetAddress(position, (long)count * sizeof(T)), count);

    /// <summary>Bytes from a position on.</summary>
    public unsafe ReadOnlyMemory<byte> GetMemory(long position, int length) => new MappedMemory(this, GetAddress(position, length), length).Memory;

    /// <summary>Unmaps; only while nothing has been handed out.</summary>
    public void Dispose() => _view.Dispose();

    private unsafe byte* GetAddress(long position, long length)
    {
        ObjectDisposedException.ThrowIf(_view.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, Length - length);
        return (byte*)_view.DangerousGetHandle() + position;
    }
}
