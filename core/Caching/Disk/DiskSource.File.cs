namespace Kaleidofs.Caching;

internal sealed partial class DiskSource
{
    private bool TryCatchUp()
    {
        if (_isWriter)
        {
            return false;
        }
        lock (_endLock)
        {
            return CatchUp();
        }
    }

    /// <summary>Notes the frames that came since the last time; whether there were any. Whoever writes cuts off what is no frame.</summary>
    private bool CatchUp()
    {
        if (_isWriter ? !TryBegin() : _end == 0 && !HasHead())
        {
            return false;
        }
        _end = Math.Max(_end, _head.Length);
        long length = RandomAccess.GetLength(_file);
        bool found = false;
        Span<byte> head = stackalloc byte[FrameHeader.Size];
        while (length - _end >= FrameHeader.Size
            && ReadFully(head, _end) == head.Length
            && FrameHeader.TryRead(head, _seed, out FrameHeader header)
            && header.StoredLength <= length - _end - FrameHeader.Size)
        {
            _frames.Set(header, _end);
            _end += FrameHeader.Size + header.StoredLength;
            found = true;
        }
        if (_isWriter && length > _end)
        {
            RandomAccess.SetLength(_file, _end);
        }
        return found;
    }

    /// <summary>Sees to it, as the writer, that the file is this source's: what else it has is none that anybody can use.</summary>
    private bool TryBegin()
    {
        if (_end > 0 || HasHead())
        {
            return true;
        }
        if (!_space.TryReserve(_head.Length))
        {
            _isWriter = false;
            return false;
        }
        RandomAccess.SetLength(_file, 0);
        RandomAccess.Write(_file, _head, 0);
        return true;
    }

    private bool HasHead()
    {
        byte[] found = new byte[_head.Length];
        return ReadFully(found, 0) == found.Length && found.AsSpan().SequenceEqual(_head);
    }

    private void TryBecomeWriter()
    {
        if (_isWriter || Environment.TickCount64 < _nextTry)
        {
            return;
        }
        Volatile.Write(ref _nextTry, Environment.TickCount64 + WriterInterval);
        try
        {
            _writer ??= new FileStream(Path.ChangeExtension(_path, DiskSpace.WriterSuffix), MakeOptions(FileShare.None));
            _isWriter = true;
            // The one that wrote before may have begun the file anew: nothing known of it counts.
            _end = 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process writes.
        }
    }

    /// <summary>Notes for evictions that it is used: writing what is there changes its time, which a confined process cannot do otherwise.</summary>
    private void Touch()
    {
        try
        {
            if (_end > 0)
            {
                RandomAccess.Write(_file, _head.AsSpan(0, 8), 0);
            }
        }
        catch (IOException)
        {
            // It counts as older than it is.
        }
    }

    private int ReadFully(Span<byte> destination, long position)
    {
        int done = 0;
        while (done < destination.Length && RandomAccess.Read(_file, destination[done..], position + done) is int count and > 0)
        {
            done += count;
        }
        return done;
    }

    /// <summary>Between opening and locking a file it may be removed by who makes room: then once more.</summary>
    private static FileStream OpenShared(string path)
    {
        const int Attempts = 5;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                FileStream stream = new(path, MakeOptions(FileShare.ReadWrite | FileShare.Delete));
                if (attempt == Attempts || File.Exists(path))
                {
                    return stream;
                }
                stream.Dispose();
            }
            catch (IOException) when (attempt < Attempts)
            {
                Thread.Sleep(attempt);
            }
        }
    }

    private static FileStreamOptions MakeOptions(FileShare share) => new()
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = share,
        BufferSize = 0,
#pragma warning disable CA1416 // The host is a program for Linux.
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
#pragma warning restore CA1416
    };
}
