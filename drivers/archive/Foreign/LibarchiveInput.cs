using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Archive.Foreign;

/// <summary>A file as libarchive reads it. By position: other processes have the same open file.</summary>
internal sealed class LibarchiveInput : IDisposable
{
    private const int BufferLength = 256 << 10;

    private readonly SafeFileHandle _file;
    private readonly long _length;
    // It does not move while the library has its address.
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferLength, pinned: true);
    private readonly Libarchive.ReadCallback _read;
    private readonly Libarchive.SeekCallback _seek;
    private readonly Libarchive.SkipCallback _skip;

    public LibarchiveInput(SafeFileHandle file)
    {
        _file = file;
        _length = RandomAccess.GetLength(file);
        Handle = Libarchive.CreateReader();
        _read = Read;
        _seek = Seek;
        _skip = Skip;
        _ = Libarchive.SetData(Handle, 0);
        _ = Libarchive.SetRead(Handle, _read);
        _ = Libarchive.SetSeek(Handle, _seek);
        _ = Libarchive.SetSkip(Handle, _skip);
    }

    /// <summary>struct archive.</summary>
    public nint Handle { get; }

    /// <summary>The next byte that is read.</summary>
    public long Position { get; private set; }

    public int Open() => Libarchive.OpenReader(Handle);

    public void Dispose()
    {
        _ = Libarchive.FreeReader(Handle);
        GC.KeepAlive(_read);
        GC.KeepAlive(_seek);
        GC.KeepAlive(_skip);
    }

    private nint Read(nint archive, nint data, out nint buffer)
    {
        buffer = Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, 0);
        try
        {
            int count = RandomAccess.Read(_file, _buffer, Position);
            Position += count;
            return count;
        }
        catch (IOException)
        {
            return Libarchive.Fatal;
        }
    }

    private long Seek(nint archive, nint data, long offset, int origin)
    {
        long start = origin switch { Libarchive.SeekSet => 0, Libarchive.SeekCurrent => Position, _ => _length };
        // Nobody knows what the archive made it ask for.
        if (offset < -start || offset > long.MaxValue - start)
        {
            return Libarchive.Fatal;
        }
        return Position = start + offset;
    }

    private long Skip(nint archive, nint data, long count)
    {
        long skipped = Math.Clamp(count, 0, Math.Max(0, _length - Position));
        Position += skipped;
        return skipped;
    }
}
