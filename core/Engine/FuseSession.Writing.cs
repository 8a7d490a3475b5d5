using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

internal sealed partial class FuseSession
{
    private void ServeWriting(FuseRequest request)
    {
        switch (request.Header.Opcode)
        {
            case Opcode.SetAttr: SetAttributes(request); break;
            case Opcode.Write: Write(request); break;
            case Opcode.Create:
            case Opcode.TmpFile: Create(request); break;
            case Opcode.FSync:
            case Opcode.FSyncDir: Sync(request); break;
            case Opcode.SyncFs: Finish(request, _fileSystem.SyncFileSystemAsync(request.Context)); break;
            case Opcode.FAllocate: Allocate(request); break;
            case Opcode.CopyFileRange:
            case Opcode.CopyFileRange64: CopyRange(request); break;
            case Opcode.SetXAttr: SetExtendedAttribute(request); break;
            default: ServeNames(request); break;
        }
    }

    /// <summary>The operations on one or two names.</summary>
    private void ServeNames(FuseRequest request)
    {
        ReadOnlyMemory<byte> tail = request.Tail;
        ReadOnlyMemory<byte> second = default;
        bool isWhole = NameParser.TryTake(ref tail, out ReadOnlyMemory<byte> name)
            && (request.Info.Names < 2 || NameParser.TryTake(ref tail, out second))
            && tail.IsEmpty;
        if (!isWhole)
        {
            request.Reply(Errno.EINVAL);
            return;
        }
        Opcode opcode = request.Header.Opcode;
        ulong inode = request.Header.NodeId;
        RequestContext context = request.Context;
        Errno errno = opcode == Opcode.RemoveXAttr ? NameParser.CheckText(name.Span) : NameParser.Check(name.Span);
        if (errno == Errno.None)
        {
            errno = opcode is Opcode.Rename or Opcode.Rename2 ? NameParser.Check(second.Span) : NameParser.CheckText(second.Span);
        }
        if (errno != Errno.None)
        {
            request.Reply(errno);
            return;
        }
        switch (opcode)
        {
            case Opcode.MkNod:
                MkNodIn node = request.Body<MkNodIn>();
                Finish(request, _fileSystem.MakeNodeAsync(context, inode, name, node.Mode, node.DeviceId), ReplyEntry);
                break;
            case Opcode.MkDir:
                Finish(request, _fileSystem.MakeDirectoryAsync(context, inode, name, request.Body<MkDirIn>().Mode), ReplyEntry);
                break;
            case Opcode.SymLink:
                Finish(request, _fileSystem.MakeSymbolicLinkAsync(context, inode, name, second), ReplyEntry);
                break;
            case Opcode.Link:
                Finish(request, _fileSystem.LinkAsync(context, request.Body<LinkIn>().OldNodeId, inode, name), ReplyEntry);
                break;
            case Opcode.Unlink:
                Finish(request, _fileSystem.UnlinkAsync(context, inode, name));
                break;
            case Opcode.RmDir:
                Finish(request, _fileSystem.RemoveDirectoryAsync(context, inode, name));
                break;
            case Opcode.Rename:
                Finish(request, _fileSystem.RenameAsync(context, inode, name, request.Body<RenameIn>().NewDirectory, second, RenameOptions.None));
                break;
            case Opcode.Rename2:
                Rename2In rename = request.Body<Rename2In>();
                Finish(request, _fileSystem.RenameAsync(context, inode, name, rename.NewDirectory, second, (RenameOptions)rename.Flags));
                break;
            case Opcode.RemoveXAttr:
                Finish(request, _fileSystem.RemoveExtendedAttributeAsync(context, inode, name));
                break;
            default:
                request.Reply(Errno.ENOSYS);
                break;
        }
    }

    private void SetAttributes(FuseRequest request)
    {
        AttributeChange change = request.Body<SetAttrIn>().ToChange();
        if (TryGetOptionalHandle(request, change.Handle is not null, change.Handle.GetValueOrDefault(), out ulong? handle))
        {
            Finish(request, _fileSystem.SetAttributesAsync(request.Context, request.Header.NodeId, change with { Handle = handle }), ReplyAttributes);
        }
    }

    private void Create(FuseRequest request)
    {
        CreateIn body = request.Body<CreateIn>();
        if (!TryTakeName(request, out ReadOnlyMemory<byte> name))
        {
            return;
        }
        // The kernel names a file without a name "/".
        bool isNamed = request.Header.Opcode == Opcode.Create;
        Errno errno = isNamed ? NameParser.Check(name.Span) : Errno.None;
        if (errno == Errno.None && !_info.IsStateless && !_handles.TryReserve())
        {
            errno = Errno.ENFILE;
        }
        if (errno != Errno.None)
        {
            request.Reply(errno);
            return;
        }
        ulong parent = request.Header.NodeId;
        ValueTask<Result<CreatedFile>> created = isNamed
            ? _fileSystem.CreateAsync(request.Context, parent, name, body.Mode, (OpenFlags)body.Flags)
            : _fileSystem.CreateUnnamedAsync(request.Context, parent, body.Mode, (OpenFlags)body.Flags);
        Finish(request, created, static (session, request, in result) =>
        {
            if (!result.IsOk)
            {
                session.CancelReservation();
                request.Reply(result.Errno);
                return;
            }
            CreateOut wire = default;
            result.Value.Entry.ToWire(out wire.Entry);
            wire.Open = session.Register(request, result.Value.File, result.Value.Entry.Attributes.Inode, isDirectory: false);
            request.Reply(in wire);
        });
    }

    private void Write(FuseRequest request)
    {
        WriteIn body = request.Body<WriteIn>();
        if (body.Offset > long.MaxValue - int.MaxValue || body.Size > (uint)_options.MaxPayload || body.Size > (uint)(request.Readable.Length - request.PayloadOffset))
        {
            request.Reply(Errno.EINVAL);
            return;
        }
        if (!TryGetHandle(request, body.Handle, out ulong handle))
        {
            return;
        }
        SegmentReader payload = request.ReadPayload((int)body.Size);
        Finish(request, _fileSystem.WriteAsync(request.Context, request.Header.NodeId, handle, (long)body.Offset, payload), static (_, request, in result) =>
        {
            if (result.IsOk)
            {
                request.Reply(new WriteOut { Size = (uint)result.Value });
            }
            else
            {
                request.Reply(result.Errno);
            }
        });
    }

    private void Sync(FuseRequest request)
    {
        FSyncIn body = request.Body<FSyncIn>();
        bool isFile = request.Header.Opcode == Opcode.FSync;
        if (!TryGetHandle(request, body.Handle, out ulong handle, isDirectory: !isFile))
        {
            return;
        }
        bool dataOnly = (body.Flags & 1) != 0;
        ulong inode = request.Header.NodeId;
        Finish(request, isFile
            ? _fileSystem.SyncAsync(request.Context, inode, handle, dataOnly)
            : _fileSystem.SyncDirectoryAsync(request.Context, inode, handle, dataOnly));
    }

    private void Allocate(FuseRequest request)
    {
        FAllocateIn body = request.Body<FAllocateIn>();
        if (body.Offset > long.MaxValue || body.Length > long.MaxValue - body.Offset)
        {
            request.Reply(Errno.EINVAL);
        }
        else if (TryGetHandle(request, body.Handle, out ulong handle))
        {
            Finish(request, _fileSystem.AllocateAsync(request.Context, request.Header.NodeId, handle, (long)body.Offset, (long)body.Length, body.Mode));
        }
    }

    private void CopyRange(FuseRequest request)
    {
        CopyFileRangeIn body = request.Body<CopyFileRangeIn>();
        if (body.Offset > long.MaxValue || body.ToOffset > long.MaxValue || body.Length > long.MaxValue)
        {
            request.Reply(Errno.EINVAL);
            return;
        }
        if (!TryGetHandle(request, body.Handle, out ulong from))
        {
            return;
        }
        ulong to = body.ToHandle;
        if (!_info.IsStateless)
        {
            if (!_handles.TryGet(body.ToHandle, body.ToNodeId, isDirectory: false, out OpenHandle target))
            {
                request.Reply(Errno.EBADF);
                return;
            }
            to = target.DriverHandle;
        }
        ValueTask<Result<long>> copy = _fileSystem.CopyRangeAsync(
            request.Context, request.Header.NodeId, from, (long)body.Offset, body.ToNodeId, to, (long)body.ToOffset, (long)body.Length);
        Finish(request, copy, static (_, request, in result) =>
        {
            if (!result.IsOk)
            {
                request.Reply(result.Errno);
            }
            else if (request.Header.Opcode == Opcode.CopyFileRange64)
            {
                request.Reply(new CopyFileRangeOut { Copied = (ulong)result.Value });
            }
            else
            {
                request.Reply(new WriteOut { Size = (uint)result.Value });
            }
        });
    }

    private void SetExtendedAttribute(FuseRequest request)
    {
        SetXAttrIn body = request.Body<SetXAttrIn>();
        ReadOnlyMemory<byte> tail = request.Tail;
        if (!NameParser.TryTake(ref tail, out ReadOnlyMemory<byte> name) || body.Size != (uint)tail.Length)
        {
            request.Reply(Errno.EINVAL);
            return;
        }
        Errno errno = tail.Length > MaxXAttrSize ? Errno.E2BIG : NameParser.CheckText(name.Span);
        if (errno != Errno.None)
        {
            request.Reply(errno);
            return;
        }
        Finish(request, _fileSystem.SetExtendedAttributeAsync(request.Context, request.Header.NodeId, name, tail, body.Flags));
    }
}
