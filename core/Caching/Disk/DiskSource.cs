using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Caching;

/// <summary>
/// One source's blocks on disk: a header with the source's identity, and behind it frames, which are only appended. Any number of
/// processes read; the one that holds the lock of the file beside it writes.
/// </summary>
/// <remarks>
/// Nothing that stands in the file is believed: a frame counts if its header's checksum is right, and a block is served if its
/// content's is. So a write that a crash cut off, damage, and another process's half-written frame are blocks that are not there.
/// A shared lock on the file (flock(2), by <see cref="FileShare"/>) tells other processes that it is in use.
/// </remarks>
internal sealed partial class DiskSource : IDisposable
{
    /// <summary>How often a process that may not write tries whether the one that did has ended.</summary>
    private const long WriterInterval = 2000;

    private readonly DiskSpace _space;
    private readonly DiskCounters _counters;
    private readonly FrameIndex _frames = new();
    private readonly FileStream _stream;
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly byte[] _head;
    private readonly ulong _seed;
    // Held while the file is looked through or written.
    private readonly Lock _endLock = new();
    private FileStream? _writer;
    private volatile bool _isWriter;
    private long _end;
    private long _nextTry;

    private DiskSource(DiskSpace space, DiskCounters counters, string path, FileStream stream, byte[] identity)
    {
        _space = space;
        _counters = counters;
        _path = path;
        _stream = stream;
        _file = stream.SafeFileHandle;
        _seed = Checksum.Compute(identity);
        _head = [.. "KFTIER1\n"u8, .. BitConverter.GetBytes((ulong)identity.Length), .. BitConverter.GetBytes(_seed), .. identity];
    }

    /// <summary>Opens a source's file, which is made if it is not there.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static DiskSource Open(string directory, string identity, DiskSpace space, DiskCounters counters)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(identity);
        string path = Path.Combine(directory, Convert.ToHexStringLower(SHA256.HashData(bytes))[..40] + DiskSpace.FileSuffix);
        DiskSource source = new(space, counters, path, OpenShared(path), bytes);
        try
        {
            lock (source._endLock)
            {
                source.TryBecomeWriter();
                source.CatchUp();
                source.Touch();
            }
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Whether it is worth to ask for a block, which may mean to wait for the disk. Waits for nothing itself.</summary>
    public bool MayHave(ulong file, ulong index) => !_isWriter || _frames.TryGet(file, index, out _);

    /// <summary>Reads a block, which must have this length or a longer one; false if it is not there as it was written.</summary>
    public bool TryRead(ulong file, ulong index, Span<byte> destination)
    {
        try
        {
            if (!_frames.TryGet(file, index, out Frame frame) && !(TryCatchUp() && _frames.TryGet(file, index, out frame)))
            {
                return false;
            }
            if (frame.Length < destination.Length)
            {
                return false;
            }
            if (TryRead(file, index, frame, destination))
            {
                return true;
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return false;
        }
        _counters.CountDamaged();
        return false;
    }

    /// <summary>Whether a block still has to be written; false also if that cannot be done.</summary>
    public bool Wants(ulong file, ulong index, ReadOnlySpan<byte> content)
        => content.Length is > 0 and <= FrameHeader.MaxLength
            && (_isWriter || Environment.TickCount64 >= Volatile.Read(ref _nextTry))
            && (_frames.TryGet(file, index, out Frame frame) ? frame.Length != content.Length || frame.Checksum != Checksum.Compute(content) : !_frames.IsFull);

    /// <summary>Writes a block behind the others, if it is wanted.</summary>
    /// <exception cref="IOException">The disk is full, or fails; what was written before is whole.</exception>
    public void Append(ulong file, ulong index, ReadOnlySpan<byte> content)
    {
        if (!Wants(file, index, content))
        {
            return;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FrameHeader.Size + content.Length);
        try
        {
            Span<byte> stored = buffer.AsSpan(FrameHeader.Size, content.Length);
            int length = Zstandard.IsAvailable ? Zstandard.Compress(content, stored[..^1]) : 0;
            if (length == 0)
            {
                content.CopyTo(stored);
            }
            FrameHeader header = new(file, index, content.Length, length == 0 ? content.Length : length, length != 0, Checksum.Compute(content));
            header.Write(buffer, _seed);
            Append(header, buffer.AsSpan(0, FrameHeader.Size + header.StoredLength));
        }
        catch (ObjectDisposedException)
        {
            // The cache has ended meanwhile.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_endLock)
        {
            _isWriter = false;
            _stream.Dispose();
            _writer?.Dispose();
            _nextTry = long.MaxValue;
        }
    }

    private void Append(in FrameHeader header, ReadOnlySpan<byte> frame)
    {
        lock (_endLock)
        {
            if (!_isWriter)
            {
                TryBecomeWriter();
                CatchUp();
            }
            if (!_isWriter || !_space.TryReserve(frame.Length))
            {
                return;
            }
            try
            {
                RandomAccess.Write(_file, frame, _end);
            }
            catch (IOException)
            {
                _space.GiveUp();
                RandomAccess.SetLength(_file, _end);
                throw;
            }
            _frames.Set(header, _end);
            _end += frame.Length;
        }
        _counters.CountWritten();
    }

    private bool TryRead(ulong file, ulong index, in Frame frame, Span<byte> destination)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FrameHeader.Size + frame.StoredLength);
        byte[]? longer = frame.Length > destination.Length ? ArrayPool<byte>.Shared.Rent(frame.Length) : null;
        try
        {
            Span<byte> stored = buffer.AsSpan(0, FrameHeader.Size + frame.StoredLength);
            Span<byte> content = longer is null ? destination : longer.AsSpan(0, frame.Length);
            if (ReadFully(stored, frame.Offset) < stored.Length
                || !FrameHeader.TryRead(stored, _seed, out FrameHeader header)
                || (header.Object, header.Index, header.StoredLength, header.Length) != (file, index, frame.StoredLength, frame.Length)
                || !TryUnpack(header, stored[FrameHeader.Size..], content)
                || Checksum.Compute(content) != header.ContentChecksum)
            {
                if (_isWriter)
                {
                    // Then it is written anew. Who only reads may have come upon a frame that is not whole yet.
                    _frames.Remove(file, index, frame);
                }
                return false;
            }
            if (longer is not null)
            {
                content[..destination.Length].CopyTo(destination);
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (longer is not null)
            {
                ArrayPool<byte>.Shared.Return(longer);
            }
        }
    }

    private static bool TryUnpack(in FrameHeader header, ReadOnlySpan<byte> stored, Span<byte> content)
    {
        if (header.IsCompressed)
        {
            return Zstandard.IsAvailable && Zstandard.TryDecompress(stored, content);
        }
        return stored.Length == content.Length && stored.TryCopyTo(content);
    }
}
