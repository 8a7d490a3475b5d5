using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

internal sealed partial class FuseSession
{
    /// <summary>The longest READ. The kernel counts what was agreed in pages of its own, which have up to 64 KiB.</summary>
    private uint MaxRead => (uint)_options.MaxPayload / PageSize * (64 << 10);

    private void Open(FuseRequest request)
    {
        OpenFlags flags = (OpenFlags)request.Body<OpenIn>().Flags;
        bool reads = (flags & (OpenFlags.AccessMode | OpenFlags.Truncate)) == 0;
        if (reads && SkipsOpens && Agreed(InitFlags.NoOpenSupport))
        {
            // The kernel asks no more.
            request.Reply(Errno.ENOSYS);
            return;
        }
        if (_info.IsStateless || _handles.TryReserve())
        {
            Finish(request, _fileSystem.OpenAsync(request.Context, request.Header.NodeId, flags), ReplyOpened);
        }
        else
        {
            request.Reply(Errno.ENFILE);
        }
    }

    private void OpenDirectory(FuseRequest request)
    {
        if (SkipsOpens && Agreed(InitFlags.NoOpenDirSupport))
        {
            request.Reply(Errno.ENOSYS);
        }
        else if (_info.IsStateless || _handles.TryReserve())
        {
            Finish(request, _fileSystem.OpenDirectoryAsync(request.Context, request.Header.NodeId), ReplyOpened);
        }
        else
        {
            request.Reply(Errno.ENFILE);
        }
    }

    private static readonly Reply<Result<OpenedFile>> ReplyOpened = static (session, request, in result) =>
    {
        if (result.IsOk)
        {
            request.Reply(session.Register(request, result.Value, request.Header.NodeId, request.Header.Opcode == Opcode.OpenDir));
            return;
        }
        session.CancelReservation();
        request.Reply(result.Errno);
    };

    /// <summary>Gives the driver's handle a number for the wire.</summary>
    private OpenOut Register(FuseRequest request, OpenedFile file, ulong inode, bool isDirectory)
    {
        if (_info.IsStateless)
        {
            return new OpenOut { Handle = file.Handle, OpenFlags = (uint)file.Options };
        }
        ulong number = _handles.Add(new OpenHandle(inode, file.Handle, isDirectory));
        // Added before the look: either Reset finds the handle, or this finds that there was one.
        if (request.Life != Volatile.Read(ref _life) && _handles.TryRemove(number, inode, isDirectory, out OpenHandle abandoned))
        {
            _ = ReleaseAbandonedAsync(abandoned);
        }
        return new OpenOut { Handle = number, OpenFlags = (uint)file.Options };
    }

    private void CancelReservation()
    {
        if (!_info.IsStateless)
        {
            _handles.CancelReservation();
        }
    }

    private void Read(FuseRequest request)
    {
        ReadIn body = request.Body<ReadIn>();
        if (body.Offset > long.MaxValue - int.MaxValue)
        {
            request.Reply(Errno.EINVAL);
            return;
        }
        if (!TryGetHandle(request, body.Handle, out ulong handle))
        {
            return;
        }
        SegmentWriter payload = request.StartPayload((int)Math.Min(body.Size, MaxRead));
        Finish(request, _fileSystem.ReadAsync(request.Context, request.Header.NodeId, handle, (long)body.Offset, payload), ReplyPayload);
    }

    private static readonly Reply<Errno> ReplyPayload = static (_, request, in errno) =>
    {
        if (errno == Errno.None)
        {
            request.ReplyPayload();
        }
        else
        {
            request.Reply(errno);
        }
    };

    private void Seek(FuseRequest request)
    {
        LSeekIn body = request.Body<LSeekIn>();
        SeekKind kind = (SeekKind)body.Whence;
        if (kind is not (SeekKind.Data or SeekKind.Hole) || body.Offset > long.MaxValue)
        {
            request.Reply(Errno.EINVAL);
            return;
        }
        if (!TryGetHandle(request, body.Handle, out ulong handle))
        {
            return;
        }
        Finish(request, _fileSystem.SeekAsync(request.Context, request.Header.NodeId, handle, (long)body.Offset, kind), static (_, request, in result) =>
        {
            if (result.IsOk)
            {
                request.Reply(new LSeekOut { Offset = (ulong)result.Value });
            }
            else
            {
                request.Reply(result.Errno);
            }
        });
    }

    private void Flush(FuseRequest request)
    {
        if (TryGetHandle(request, request.Body<FlushIn>().Handle, out ulong handle))
        {
            Finish(request, _fileSystem.FlushAsync(request.Context, request.Header.NodeId, handle));
        }
    }

    private void Release(FuseRequest request, bool isDirectory)
    {
        ulong number = request.Body<ReleaseIn>().Handle;
        ulong inode = request.Header.NodeId;
        OpenHandle handle = new(inode, number, isDirectory);
        if (!_info.IsStateless && !_handles.TryRemove(number, inode, isDirectory, out handle))
        {
            request.Reply(Errno.EBADF);
            return;
        }
        Finish(request, Release(request.Context, handle));
    }

    private ValueTask<Errno> Release(RequestContext context, OpenHandle handle) => handle.IsDirectory
        ? _fileSystem.ReleaseDirectoryAsync(context, handle.Inode, handle.DriverHandle)
        : _fileSystem.ReleaseAsync(context, handle.Inode, handle.DriverHandle);

    private async Task ReleaseAbandonedAsync(OpenHandle handle)
    {
        try
        {
            await Release(default, handle).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.Error($"releasing inode {handle.Inode} failed: {exception.Message}", exception);
        }
    }

    /// <summary>The driver's handle behind the guest's number; answers EBADF if the guest has no such handle on this inode.</summary>
    private bool TryGetHandle(FuseRequest request, ulong number, out ulong driverHandle, bool isDirectory = false)
    {
        if (_info.IsStateless)
        {
            driverHandle = number;
            return true;
        }
        if (_handles.TryGet(number, request.Header.NodeId, isDirectory, out OpenHandle handle))
        {
            driverHandle = handle.DriverHandle;
            return true;
        }
        driverHandle = 0;
        request.Reply(Errno.EBADF);
        return false;
    }
}
