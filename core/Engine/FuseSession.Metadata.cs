using System.Runtime.InteropServices;
using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

internal sealed partial class FuseSession
{
    private const uint GetAttrHasHandle = 1;
    private const int ForgetBatch = 64;
    private const int MaxXAttrSize = 64 << 10;

    private void Lookup(FuseRequest request)
    {
        if (!TryTakeName(request, out ReadOnlyMemory<byte> name))
        {
            return;
        }
        if (NameParser.IsDots(name.Span))
        {
            // Only NFS export asks for these (EXPORT_SUPPORT).
            Finish(request, LookupDotsAsync(request.Context, request.Header.NodeId, toParent: name.Length == 2), ReplyEntry);
            return;
        }
        Errno errno = NameParser.Check(name.Span);
        if (errno != Errno.None)
        {
            request.Reply(errno);
            return;
        }
        Finish(request, _fileSystem.LookupAsync(request.Context, request.Header.NodeId, name), ReplyEntry);
    }

    private async ValueTask<Result<Entry>> LookupDotsAsync(RequestContext context, ulong inode, bool toParent)
    {
        if (toParent)
        {
            Result<ulong> parent = await _fileSystem.GetParentAsync(context, inode).ConfigureAwait(false);
            if (!parent.IsOk)
            {
                return parent.Errno;
            }
            inode = parent.Value;
        }
        Result<CachedAttributes> found = await _fileSystem.GetAttributesAsync(context, inode, null).ConfigureAwait(false);
        return found.IsOk
            ? new Entry { Attributes = found.Value.Attributes, NameTime = found.Value.Time, AttributeTime = found.Value.Time }
            : found.Errno;
    }

    private static readonly Reply<Result<Entry>> ReplyEntry = static (session, request, in result) =>
    {
        if (result.IsOk)
        {
            result.Value.ToWire(out EntryOut wire);
            request.Reply(in wire);
        }
        else if (result.Errno == Errno.ENOENT && session._info.IsImmutable && request.Header.Opcode == Opcode.Lookup)
        {
            // Node id 0 with a time is an absence that the kernel may remember.
            Entry absent = new() { NameTime = CacheTime.Forever };
            absent.ToWire(out EntryOut wire);
            request.Reply(in wire);
        }
        else
        {
            request.Reply(result.Errno);
        }
    };

    private void Forget(FuseRequest request)
    {
        _fileSystem.Forget(request.Header.NodeId, request.Body<ForgetIn>().LookupCount);
        request.Reply(Errno.None);
    }

    private void BatchForget(FuseRequest request)
    {
        // The count is the guest's word; the payload's length bounds it.
        long remaining = request.Body<BatchForgetIn>().Count;
        SegmentReader reader = request.ReadPayload(int.MaxValue);
        Span<ForgetOne> batch = stackalloc ForgetOne[ForgetBatch];
        while (remaining > 0)
        {
            Span<ForgetOne> chunk = batch[..(int)Math.Min(remaining, ForgetBatch)];
            int read = reader.Read(MemoryMarshal.AsBytes(chunk)) / Marshal.SizeOf<ForgetOne>();
            foreach (ForgetOne one in chunk[..read])
            {
                _fileSystem.Forget(one.NodeId, one.LookupCount);
            }
            remaining = read < chunk.Length ? 0 : remaining - read;
        }
        request.Reply(Errno.None);
    }

    private void GetAttributes(FuseRequest request)
    {
        GetAttrIn body = request.Body<GetAttrIn>();
        if (TryGetOptionalHandle(request, (body.Flags & GetAttrHasHandle) != 0, body.Handle, out ulong? handle))
        {
            Finish(request, _fileSystem.GetAttributesAsync(request.Context, request.Header.NodeId, handle), ReplyAttributes);
        }
    }

    private static readonly Reply<Result<CachedAttributes>> ReplyAttributes = static (_, request, in result) =>
    {
        if (!result.IsOk)
        {
            request.Reply(result.Errno);
            return;
        }
        AttrOut wire = default;
        result.Value.Time.ToWire(out wire.AttrValid, out wire.AttrValidNanoseconds);
        result.Value.Attributes.ToWire(out wire.Attr);
        request.Reply(in wire);
    };

    private void GetExtendedStatus(FuseRequest request)
    {
        StatXIn body = request.Body<StatXIn>();
        if (!TryGetOptionalHandle(request, (body.Flags & GetAttrHasHandle) != 0, body.Handle, out ulong? handle))
        {
            return;
        }
        Finish(request, _fileSystem.GetAttributesAsync(request.Context, request.Header.NodeId, handle), static (_, request, in result) =>
        {
            if (!result.IsOk)
            {
                request.Reply(result.Errno);
                return;
            }
            StatXOut wire = default;
            result.Value.Time.ToWire(out wire.AttrValid, out wire.AttrValidNanoseconds);
            result.Value.Attributes.ToWire(out wire.Stat);
            request.Reply(in wire);
        });
    }

    private void ReadLink(FuseRequest request)
        => Finish(request, _fileSystem.ReadLinkAsync(request.Context, request.Header.NodeId), static (_, request, in result) =>
        {
            if (result.IsOk)
            {
                request.ReplyBytes(result.Value.Span, NameParser.MaxStringLength);
            }
            else
            {
                request.Reply(result.Errno);
            }
        });

    private void Access(FuseRequest request)
        => Finish(request, _fileSystem.AccessAsync(request.Context, request.Header.NodeId, request.Body<AccessIn>().Mask));

    private void GetStatistics(FuseRequest request)
        => Finish(request, _fileSystem.GetStatisticsAsync(request.Context, request.Header.NodeId), static (_, request, in result) =>
        {
            if (result.IsOk)
            {
                result.Value.ToWire(out KStatFs wire);
                request.Reply(in wire);
            }
            else
            {
                request.Reply(result.Errno);
            }
        });

    private void GetExtendedAttribute(FuseRequest request)
    {
        if (TryTakeName(request, out ReadOnlyMemory<byte> name))
        {
            Finish(request, _fileSystem.GetExtendedAttributeAsync(request.Context, request.Header.NodeId, name), ReplyXAttr);
        }
    }

    private void ListExtendedAttributes(FuseRequest request)
        => Finish(request, _fileSystem.ListExtendedAttributesAsync(request.Context, request.Header.NodeId), ReplyXAttr);

    private static readonly Reply<Result<ReadOnlyMemory<byte>>> ReplyXAttr = static (_, request, in result) =>
    {
        uint size = request.Body<GetXAttrIn>().Size;
        if (!result.IsOk)
        {
            request.Reply(result.Errno);
        }
        else if (result.Value.Length > MaxXAttrSize)
        {
            request.Reply(Errno.E2BIG);
        }
        else if (size == 0)
        {
            request.Reply(new GetXAttrOut { Size = (uint)result.Value.Length });
        }
        else
        {
            request.ReplyBytes(result.Value.Span, (int)Math.Min(size, int.MaxValue));
        }
    };

    /// <summary>The request's only name; answers EINVAL if it has no NUL or something follows it.</summary>
    private static bool TryTakeName(FuseRequest request, out ReadOnlyMemory<byte> name)
    {
        ReadOnlyMemory<byte> tail = request.Tail;
        if (NameParser.TryTake(ref tail, out name) && tail.IsEmpty)
        {
            return true;
        }
        request.Reply(Errno.EINVAL);
        return false;
    }

    private bool TryGetOptionalHandle(FuseRequest request, bool hasHandle, ulong number, out ulong? handle)
    {
        handle = null;
        if (!hasHandle || _info.IsStateless)
        {
            return true;
        }
        if (!TryGetHandle(request, number, out ulong driverHandle))
        {
            return false;
        }
        handle = driverHandle;
        return true;
    }
}
