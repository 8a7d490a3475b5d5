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

    /// <summary>What compresses by less than this part of it is kept as it is: it is read so much faster.</summary>
    private const int MinSaving = 16;

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
            int length = Zstandard.IsAvailable ? Zstandard.Compress(content, stored[..^Math.Max(1, content.Length / MinSaving)]) : 0;
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

    /// <summary>Writes blocks behind the others by one call, those that are wanted. What does not compress at the beginning of an object's blocks is not tried on.</summary>
    /// <exception cref="IOException">The disk is full, or fails; what was written before is whole.</exception>
    public void Append(List<PendingBlock> run)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(run.Sum(block => FrameHeader.Size + block.Content.Length));
        List<FrameHeader> headers = new(run.Count);
        List<ReadOnlyMemory<byte>> pieces = new(run.Count * 2);
        try
        {
            int used = 0;
            (ulong? Object, bool Compresses) last = (null, Zstandard.IsAvailable);
            foreach (PendingBlock block in run)
            {
                ReadOnlySpan<byte> content = block.Content.Span;
                if (!Wants(block.Key.Object, block.Key.Index, content))
                {
                    continue;
                }
                Memory<byte> head = buffer.AsMemory(used, FrameHeader.Size);
                Memory<byte> packed = buffer.AsMemory(used + FrameHeader.Size, content.Length);
                bool isTried = last.Object == block.Key.Object ? last.Compresses : Zstandard.IsAvailable;
                int length = isTried ? Zstandard.Compress(content, packed.Span[..^Math.Max(1, content.Length / MinSaving)]) : 0;
                last = (block.Key.Object, length != 0);
                FrameHeader header = new(block.Key.Object, block.Key.Index, content.Length, length == 0 ? content.Length : length, length != 0, Checksum.Compute(content));
                header.Write(head.Span, _seed);
                headers.Add(header);
                pieces.Add(head);
                pieces.Add(length == 0 ? block.Content : packed[..length]);
                used += FrameHeader.Size + length;
            }
            if (headers.Count > 0)
            {
                Append(headers, pieces);
            }
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

    private void Append(List<FrameHeader> headers, List<ReadOnlyMemory<byte>> pieces)
    {
        lock (_endLock)
        {
            if (!TryMakeRoom(pieces.Sum(piece => piece.Length)))
            {
                return;
            }
            try
            {
                RandomAccess.Write(_file, pieces, _end);
            }
            catch (IOException)
            {
                _space.GiveUp();
                RandomAccess.SetLength(_file, _end);
                throw;
            }
            foreach (FrameHeader header in headers)
            {
                _frames.Set(header, _end);
                _end += FrameHeader.Size + header.StoredLength;
                _counters.CountWritten();
            }
        }
    }

    private bool TryMakeRoom(int bytes)
    {
        if (!_isWriter)
        {
            TryBecomeWriter();
            CatchUp();
        }
        return _isWriter && _space.TryReserve(bytes);
    }

    private void Append(in FrameHeader header, ReadOnlySpan<byte> frame)
    {
        lock (_endLock)
        {
            if (!TryMakeRoom(frame.Length))
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

    /// <summary>Reads a block if that waits for nothing and unpacks nothing; whatever else there is to say of it, <see cref="TryRead(ulong, ulong, Span{byte})"/> does.</summary>
    public bool TryReadNow(FileReader files, ulong file, ulong index, Span<byte> destination)
    {
        try
        {
            return _frames.TryGet(file, index, out Frame frame) && frame.StoredLength == frame.Length && frame.Length == destination.Length
                && files.TryReadNow(_file, frame.Offset + FrameHeader.Size, destination)
                && Checksum.Compute(destination) == frame.Checksum;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private bool TryRead(ulong file, ulong index, in Frame frame, Span<byte> destination)
    {
        if (frame.StoredLength == frame.Length && frame.Length == destination.Length)
        {
            // Not compressed, as far as its header told, which was checked then: what follows it is enough to tell whether it is right.
            if (ReadFully(destination, frame.Offset + FrameHeader.Size) == destination.Length && Checksum.Compute(destination) == frame.Checksum)
            {
                return true;
            }
            Forget(file, index, frame);
            return false;
        }
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
                Forget(file, index, frame);
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

    /// <summary>Has a damaged frame written anew. Who only reads may have come upon one that is not whole yet.</summary>
    private void Forget(ulong file, ulong index, in Frame frame)
    {
        if (_isWriter)
        {
            _frames.Remove(file, index, frame);
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
